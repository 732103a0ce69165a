import type { Event } from '@polyrelay/contract';
import { useVirtualizer } from '@tanstack/react-virtual';
import { type ReactNode, useRef } from 'react';
import { clockTime, exact } from '../../lib/format';
import { t } from '../../strings';
import { cx } from '../../ui/cx';

const ROW_PX = 40;

const operationTone = { INSERTION: 'text-good', UPDATE: 'text-busy', DELETION: 'text-bad' } as const;

/** A topic with its ids shortened in the middle; the whole is in the event. */
const shortTopic = (topic: string): string =>
  topic.replace(/[0-9a-f]{8}-[0-9a-f-]{27}/g, (id) => `${id.slice(0, 6)}…${id.slice(-4)}`);

interface Props {
  events: readonly Event[];
  onOpen: (event: Event) => void;
  /** The reader is in the list: nothing may move under the pointer. */
  onBusy: (isBusy: boolean) => void;
  footer: ReactNode;
}

/** Events as rows of one line; only what is seen is drawn. */
export function EventList({ events, onOpen, onBusy, footer }: Props) {
  const scroller = useRef<HTMLDivElement>(null);
  const isOver = useRef(false);
  const virtual = useVirtualizer({
    count: events.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    overscan: 12,
    getItemKey: (index) => events[index]?.id ?? index,
  });
  const tell = () => onBusy(isOver.current || (scroller.current?.scrollTop ?? 0) > ROW_PX);
  return (
    <div
      ref={scroller}
      onScroll={tell}
      onPointerEnter={() => {
        isOver.current = true;
        tell();
      }}
      onPointerLeave={() => {
        isOver.current = false;
        tell();
      }}
      className="max-h-[calc(100dvh-21rem)] min-h-72 overflow-y-auto rounded-lg border border-line bg-card"
    >
      <ul aria-label={t.events.title} style={{ height: virtual.getTotalSize() }} className="relative">
        {virtual.getVirtualItems().map((row) => {
          const event = events[row.index];
          return (
            event && <EventRow key={row.key} event={event} top={row.start} onOpen={() => onOpen(event)} />
          );
        })}
      </ul>
      {footer && <div className="flex justify-center p-4">{footer}</div>}
    </div>
  );
}

function EventRow({ event, top, onOpen }: { event: Event; top: number; onOpen: () => void }) {
  const at = Date.parse(event.at);
  return (
    <li
      style={{ transform: `translateY(${top}px)`, height: ROW_PX }}
      className="absolute inset-x-0 top-0 border-b border-line"
    >
      <button
        type="button"
        onClick={onOpen}
        data-list-item
        className="flex h-full w-full items-center gap-3 px-3 text-left outline-offset-[-3px] hover:bg-hover"
      >
        <time dateTime={event.at} data-tip={exact(at)} className="shrink-0 font-mono text-xs text-faint">
          {clockTime(at)}
        </time>
        <span className={cx('w-15 shrink-0 text-xs font-semibold', operationTone[event.operation])}>
          {t.events.operations[event.operation]}
        </span>
        <span className="min-w-0 flex-1 truncate font-mono text-sm [direction:rtl] sm:[direction:ltr]">
          <bdi>{shortTopic(event.topic)}</bdi>
        </span>
        <code className="hidden max-w-[40%] truncate font-mono text-xs text-soft md:block">
          {JSON.stringify(event.payload)}
        </code>
      </button>
    </li>
  );
}
