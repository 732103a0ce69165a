import type { NodeServerSummary } from '@polyrelay/contract';
import { useWindowVirtualizer } from '@tanstack/react-virtual';
import { useLayoutEffect, useRef, useState } from 'react';
import { t } from '../../../strings';
import { ServerRow } from './server-row';

/** From here on only the rows that are seen are drawn. */
const VIRTUAL_FROM = 100;

const frame = 'overflow-hidden rounded-lg border border-line bg-card shadow-card';

export function ServerList({ servers }: { servers: readonly NodeServerSummary[] }) {
  if (servers.length > VIRTUAL_FROM) return <VirtualList servers={servers} />;
  return (
    <ul aria-label={t.nodeServers.title} className={`${frame} divide-y divide-line`}>
      {servers.map((server) => (
        <li key={server.id}>
          <ServerRow server={server} />
        </li>
      ))}
    </ul>
  );
}

function VirtualList({ servers }: { servers: readonly NodeServerSummary[] }) {
  const list = useRef<HTMLUListElement>(null);
  const [top, setTop] = useState(0);
  useLayoutEffect(() => setTop(list.current?.offsetTop ?? 0), []);
  const virtual = useWindowVirtualizer({
    count: servers.length,
    estimateSize: () => 76,
    overscan: 8,
    scrollMargin: top,
    getItemKey: (index) => servers[index]?.id ?? index,
  });
  return (
    <ul
      ref={list}
      aria-label={t.nodeServers.title}
      className={`${frame} relative`}
      style={{ height: virtual.getTotalSize() }}
    >
      {virtual.getVirtualItems().map((row) => {
        const server = servers[row.index];
        return (
          server && (
            <li
              key={row.key}
              ref={virtual.measureElement}
              data-index={row.index}
              aria-setsize={servers.length}
              aria-posinset={row.index + 1}
              className="absolute inset-x-0 top-0 border-b border-line"
              style={{ transform: `translateY(${row.start - top}px)` }}
            >
              <ServerRow server={server} />
            </li>
          )
        );
      })}
    </ul>
  );
}
