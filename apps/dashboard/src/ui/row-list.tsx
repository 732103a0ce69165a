import { useVirtualizer } from '@tanstack/react-virtual';
import { type ReactNode, useEffect, useRef } from 'react';

/** Height of a row before it is measured, in pixels. */
const ROW_PX = 44;
/** Rows from the end at which more are fetched. */
const NEAR_END = 15;

interface Props {
  label: string;
  count: number;
  /** Stays the same for the same row: to be kept from one drawing to the next. */
  keyOf: (index: number) => string | number;
  row: (index: number) => ReactNode;
  /** The reader is in the list: nothing may move under the pointer. */
  onBusy: (isBusy: boolean) => void;
  /** The end of what is here comes near; null: there is nothing more to fetch, or not now. */
  onEnd: (() => void) | null;
  /** What is said while more is fetched; undefined: nothing is. */
  paging: string | undefined;
}

/** A long list in a frame that scrolls; only what is seen is drawn. */
export function RowList({ label, count, keyOf, row, onBusy, onEnd, paging }: Props) {
  const scroller = useRef<HTMLDivElement>(null);
  const isOver = useRef(false);
  const virtual = useVirtualizer({
    count,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    overscan: 10,
    getItemKey: keyOf,
  });
  const drawn = virtual.getVirtualItems();
  const last = drawn.at(-1)?.index ?? 0;
  useEffect(() => {
    if (onEnd && last >= count - NEAR_END) onEnd();
  });
  const tell = () => onBusy(isOver.current || (scroller.current?.scrollTop ?? 0) > ROW_PX / 2);
  const over = (isNow: boolean) => () => {
    isOver.current = isNow;
    tell();
  };
  return (
    <div
      ref={scroller}
      onScroll={tell}
      onPointerEnter={over(true)}
      onPointerLeave={over(false)}
      className="max-h-[max(16rem,calc(100dvh-14rem))] overflow-y-auto rounded-lg border border-line bg-card [overflow-anchor:none]"
    >
      <ul aria-label={label} style={{ height: virtual.getTotalSize() }} className="relative">
        {drawn.map(({ key, index, start }) => (
          <li
            key={key}
            ref={virtual.measureElement}
            data-index={index}
            style={{ transform: `translateY(${start}px)` }}
            className="absolute inset-x-0 top-0 border-b border-line"
          >
            {row(index)}
          </li>
        ))}
      </ul>
      {paging !== undefined && (
        <p role="status" className="p-3 text-center text-sm text-faint">
          {paging}
        </p>
      )}
    </div>
  );
}
