import type { LogLine } from '@polyrelay/contract';
import { useVirtualizer } from '@tanstack/react-virtual';
import { ArrowDown } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { t } from '../../../strings';
import { Button } from '../../../ui/button';
import { LogRow } from './log-row';

/** So close to the end counts as being there. */
const END_PX = 24;

interface Props {
  lines: readonly LogLine[];
  text: string;
  chosen: number | undefined;
  onChoose: (line: number) => void;
}

/** The lines, following the end until the reader scrolls away from it. */
export function LogView({ lines, text, chosen, onChoose }: Props) {
  const scroller = useRef<HTMLDivElement>(null);
  const [isFollowing, setFollowing] = useState(chosen === undefined);
  const lastTop = useRef(0);
  const virtual = useVirtualizer({
    count: lines.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => 24,
    overscan: 20,
    getItemKey: (index) => lines[index]?.n ?? index,
  });

  const last = lines.at(-1)?.n;
  // biome-ignore lint/correctness/useExhaustiveDependencies: runs again with every new last line
  useEffect(() => {
    if (!isFollowing || lines.length === 0) return;
    virtual.scrollToIndex(lines.length - 1, { align: 'end' });
    // Lines that wrap are measured after they are drawn: the end moves once more.
    const frame = requestAnimationFrame(() => {
      const element = scroller.current;
      if (element) element.scrollTop = element.scrollHeight;
    });
    return () => cancelAnimationFrame(frame);
  }, [last, isFollowing, lines.length]);

  // A link to a line: gone to once it is there.
  const wanted = useRef(chosen);
  useEffect(() => {
    const index = lines.findIndex(({ n }) => n === wanted.current);
    if (index === -1) return;
    wanted.current = undefined;
    virtual.scrollToIndex(index, { align: 'center' });
  }, [lines, virtual]);

  const onScroll = () => {
    const element = scroller.current;
    if (!element) return;
    const isAtEnd = element.scrollHeight - element.scrollTop - element.clientHeight < END_PX;
    // Only the reader scrolls up; new lines only make the end move away.
    if (isAtEnd) setFollowing(true);
    else if (element.scrollTop < lastTop.current - 2) setFollowing(false);
    lastTop.current = element.scrollTop;
  };

  return (
    <div className="relative">
      <div
        ref={scroller}
        onScroll={onScroll}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region has to be reached with the keyboard
        tabIndex={0}
        role="log"
        aria-live="off"
        aria-label={t.log.title}
        className="h-[calc(100dvh-20rem)] min-h-80 overflow-y-auto rounded-lg border border-line bg-card py-1 font-mono text-xs leading-6"
      >
        <div style={{ height: virtual.getTotalSize() }} className="relative">
          {virtual.getVirtualItems().map((item) => {
            const line = lines[item.index];
            return (
              line && (
                <div
                  key={item.key}
                  ref={virtual.measureElement}
                  data-index={item.index}
                  className="absolute inset-x-0 top-0"
                  style={{ transform: `translateY(${item.start}px)` }}
                >
                  <LogRow line={line} text={text} isChosen={line.n === chosen} onChoose={onChoose} />
                </div>
              )
            );
          })}
        </div>
      </div>
      {!isFollowing && (
        <Button
          size="sm"
          kind="main"
          icon={ArrowDown}
          onClick={() => setFollowing(true)}
          className="absolute right-4 bottom-3 rounded-full shadow-float"
        >
          {t.log.follow}
        </Button>
      )}
    </div>
  );
}
