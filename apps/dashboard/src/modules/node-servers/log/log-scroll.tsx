import { useVirtualizer } from '@tanstack/react-virtual';
import { type RefObject, useCallback, useEffect, useLayoutEffect, useRef } from 'react';
import type { LinesProps } from './log-end';
import { LogRow, ROW_PX } from './log-row';

/** All lines that are here, to look around in: what is not in sight is not drawn. */
export function LogScroll(props: LinesProps & { gone: RefObject<number | undefined> }) {
  const { lines, text, isWrapped, chosen, onChoose, scroller, gone } = props;
  const virtual = useVirtualizer({
    count: lines.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    overscan: 12,
    getItemKey: useCallback((index: number) => lines[index]?.n ?? index, [lines]),
    initialOffset: () => scroller.current?.scrollTop ?? 0,
  });

  // What the reader looks at stays where it is when lines come in front of it.
  const first = useRef(lines[0]?.n);
  useLayoutEffect(() => {
    const before = first.current;
    first.current = lines[0]?.n;
    const element = scroller.current;
    if (!element || before === undefined || before === lines[0]?.n) return;
    const added = lines.findIndex(({ n }) => n === before);
    if (added > 0) element.scrollTop += added * ROW_PX;
  }, [lines, scroller]);

  // A link to a line, or a jump to a time: gone to once it is there.
  useEffect(() => {
    if (chosen === undefined || gone.current === chosen) return;
    const index = lines.findIndex(({ n }) => n === chosen);
    if (index === -1) return;
    gone.current = chosen;
    virtual.scrollToIndex(index, { align: 'center' });
  }, [chosen, lines, virtual, gone]);

  return (
    <div style={{ height: virtual.getTotalSize() }} className="relative">
      {virtual.getVirtualItems().map((item) => {
        const line = lines[item.index];
        return (
          line && (
            <div
              key={item.key}
              ref={virtual.measureElement}
              data-index={item.index}
              className={isWrapped ? 'absolute inset-x-0 top-0' : 'absolute top-0 left-0 min-w-full'}
              style={{ transform: `translateY(${item.start}px)` }}
            >
              <LogRow {...{ line, text, isWrapped, onChoose }} isChosen={line.n === chosen} />
            </div>
          )
        );
      })}
    </div>
  );
}
