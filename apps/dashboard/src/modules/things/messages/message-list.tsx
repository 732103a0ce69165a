import type { MessageSummary } from '@polyrelay/contract';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useCallback, useEffect, useRef } from 'react';
import { bytes, exact, moment } from '../../../lib/format';
import { useNow } from '../../../lib/now';
import { t } from '../../../strings';
import { useFlash } from '../../../ui/flash';
import { StateBadge, Way } from './way';

const ROW_PX = 44;
/** Rows from the end at which older ones are fetched. */
const NEAR_END = 15;

interface Props {
  messages: readonly MessageSummary[];
  onOpen: (message: MessageSummary) => void;
  /** The reader is in the list: nothing may move under the pointer. */
  onBusy: (isBusy: boolean) => void;
  /** The end of what is here comes near. */
  onEnd: (() => void) | null;
  isPaging: boolean;
}

/** Messages as rows; only what is seen is drawn. */
export function MessageList({ messages, onOpen, onBusy, onEnd, isPaging }: Props) {
  const scroller = useRef<HTMLDivElement>(null);
  const isOver = useRef(false);
  const now = useNow();
  const virtual = useVirtualizer({
    count: messages.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    overscan: 10,
    getItemKey: useCallback((index: number) => messages[index]?.id ?? index, [messages]),
  });
  const rows = virtual.getVirtualItems();
  const last = rows.at(-1)?.index ?? 0;
  useEffect(() => {
    if (onEnd && !isPaging && last >= messages.length - NEAR_END) onEnd();
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
      <ul aria-label={t.messages.title} style={{ height: virtual.getTotalSize() }} className="relative">
        {rows.map((row) => {
          const message = messages[row.index];
          return (
            message && (
              <li
                key={row.key}
                ref={virtual.measureElement}
                data-index={row.index}
                style={{ transform: `translateY(${row.start}px)` }}
                className="absolute inset-x-0 top-0 border-b border-line"
              >
                <MessageRow message={message} now={now} onOpen={() => onOpen(message)} />
              </li>
            )
          );
        })}
      </ul>
      {isPaging && (
        <p role="status" className="p-3 text-center text-sm text-faint">
          {t.messages.loadingOlder}
        </p>
      )}
    </div>
  );
}

function MessageRow({ message, now, onOpen }: { message: MessageSummary; now: number; onOpen: () => void }) {
  const { type, at, state, preview, truncated } = message;
  const ms = Date.parse(at);
  const row = useFlash<HTMLButtonElement>(state);
  return (
    <button
      ref={row}
      type="button"
      onClick={onOpen}
      data-list-item
      data-message={message.id}
      className="flex min-h-11 w-full flex-wrap items-center gap-x-3 gap-y-0.5 px-3 py-1.5 text-left outline-offset-[-3px] hover:bg-hover sm:flex-nowrap"
    >
      <Way type={type} className="w-16 shrink-0" />
      <time dateTime={at} data-tip={exact(ms)} className="shrink-0 font-mono text-xs text-faint sm:w-32">
        {moment(ms, now)}
      </time>
      <code className="order-last w-full truncate font-mono text-sm sm:order-none sm:w-auto sm:min-w-0 sm:flex-1">
        {preview}
        {truncated && '…'}
      </code>
      <span className="text-xs whitespace-nowrap text-faint max-sm:ml-auto">{bytes(message.bytes)}</span>
      {state && <StateBadge state={state} />}
    </button>
  );
}
