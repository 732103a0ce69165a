import type { ProfileDescription } from '@polyrelay/contract';
import { useWindowVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useLayoutEffect, useRef, useState } from 'react';
import { t } from '../../../strings';
import type { ServerFacts, Structure } from '../node-map';
import { NodeRow } from './node-row';

const ROW_PX = 69;

interface Props {
  server: ServerFacts;
  rows: Structure['rows'];
  profile: ProfileDescription | undefined;
  opened: string | undefined;
  onOpen: (address: string | undefined) => void;
  onPlot: (plot: string) => void;
}

/** The nodes below each other, children under their parent; only those that are seen are drawn. */
export function NodeList({ server, rows, profile, opened, onOpen, onPlot }: Props) {
  const list = useRef<HTMLUListElement>(null);
  const [top, setTop] = useState(0);
  useLayoutEffect(() => setTop((list.current?.getBoundingClientRect().top ?? 0) + window.scrollY), []);
  const virtual = useWindowVirtualizer({
    count: rows.length,
    estimateSize: () => ROW_PX,
    overscan: 6,
    scrollMargin: top,
    getItemKey: (index) => rows[index]?.address ?? index,
  });

  // A link to a node: scrolled to once.
  const first = useRef(opened);
  useEffect(() => {
    const index = rows.findIndex(({ address }) => address === first.current);
    if (index > 8) virtual.scrollToIndex(index, { align: 'center' });
    first.current = undefined;
  }, [rows, virtual]);

  return (
    <ul
      ref={list}
      aria-label={t.nodeServers.tabs.nodes}
      className="relative overflow-clip rounded-lg border border-line bg-card shadow-card"
      style={{ height: virtual.getTotalSize() + 2 }}
    >
      {virtual.getVirtualItems().map((item) => {
        const row = rows[item.index];
        return (
          row && (
            <li
              key={item.key}
              ref={virtual.measureElement}
              data-index={item.index}
              aria-setsize={rows.length}
              aria-posinset={item.index + 1}
              className="absolute inset-x-0 top-0 border-b border-line"
              style={{ transform: `translateY(${item.start - top}px)` }}
            >
              <NodeRow
                server={server}
                address={row.address}
                depth={row.depth}
                profile={profile}
                isOpen={opened === row.address}
                onOpen={onOpen}
                onPlot={onPlot}
              />
            </li>
          )
        );
      })}
    </ul>
  );
}
