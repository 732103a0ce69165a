import type { ChannelMessage } from '@polyrelay/contract';
import { useVirtualizer } from '@tanstack/react-virtual';
import { ChevronsDown } from 'lucide-react';
import { useCallback, useEffect, useMemo, useRef } from 'react';
import { bytes, exact, moment } from '../../../lib/format';
import { useNow } from '../../../lib/now';
import { t } from '../../../strings';
import { keyOf, rowsOf, type TailRow } from './tail';
import type { TailView } from './use-tail';

const ROW_PX = 44;
/** Rows from the end at which older ones are fetched. */
const NEAR_END = 15;
/** So much of a message fits into a row. */
const PREVIEW = 300;

interface Props {
  tail: TailView;
  onOpen: (key: number) => void;
  onIdent: (ident: string) => void;
  /** The reader is in the list: nothing may move under the pointer. */
  onBusy: (isBusy: boolean) => void;
}

/** Messages as rows, with what was passed over between them; only what is seen is drawn. */
export function MessageList({ tail, onOpen, onIdent, onBusy }: Props) {
  const { messages, gaps, onward, isSparse, isPaging, error } = tail;
  const rows = useMemo(() => rowsOf({ messages, gaps }), [messages, gaps]);
  const scroller = useRef<HTMLDivElement>(null);
  const isOver = useRef(false);
  const now = useNow();
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    overscan: 10,
    getItemKey: useCallback(
      (index: number) => {
        const row = rows[index];
        return row ? `${row.kind} ${keyOf(row)}` : index;
      },
      [rows],
    ),
  });
  const drawn = virtual.getVirtualItems();
  const last = drawn.at(-1)?.index ?? 0;
  const canGoOn = onward !== null && !isSparse && !isPaging && error === null;
  useEffect(() => {
    if (canGoOn && last >= rows.length - NEAR_END) tail.older();
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
      <ul
        aria-label={t.channels.tabs.messages}
        style={{ height: virtual.getTotalSize() }}
        className="relative"
      >
        {drawn.map(({ key, index, start }) => {
          const row = rows[index];
          return (
            row && (
              <li
                key={key}
                ref={virtual.measureElement}
                data-index={index}
                style={{ transform: `translateY(${start}px)` }}
                className="absolute inset-x-0 top-0 border-b border-line"
              >
                <Row row={row} now={now} onOpen={onOpen} onIdent={onIdent} />
              </li>
            )
          );
        })}
      </ul>
      {isPaging && (
        <p role="status" className="p-3 text-center text-sm text-faint">
          {t.channels.tail.loadingOlder}
        </p>
      )}
    </div>
  );
}

interface RowProps {
  now: number;
  onOpen: (key: number) => void;
  onIdent: (ident: string) => void;
}

function Row({ row, ...rest }: { row: TailRow } & RowProps) {
  if (row.kind === 'message') return <MessageRow message={row.message} {...rest} />;
  const { first, last } = row.gap;
  return (
    <p className="flex min-h-9 items-center gap-2 bg-warn-ground px-3 py-1.5 text-sm text-warn">
      <ChevronsDown aria-hidden className="size-4 shrink-0" />
      {t.channels.tail.passedOver(last - first + 1)}
    </p>
  );
}

function MessageRow({ message, now, onOpen, onIdent }: { message: ChannelMessage } & RowProps) {
  const { key, ident, at, message: fields } = message;
  const ms = Date.parse(at);
  return (
    <div className="relative flex min-h-11 flex-wrap items-center gap-x-3 gap-y-0.5 px-3 py-1.5 hover:bg-hover sm:flex-nowrap">
      <button
        type="button"
        onClick={() => onOpen(key)}
        data-list-item
        data-key={key}
        aria-label={t.channels.tail.open(key, ident)}
        className="absolute inset-0 outline-offset-[-3px]"
      />
      <time dateTime={at} data-tip={exact(ms)} className="shrink-0 font-mono text-xs text-faint sm:w-28">
        {moment(ms, now)}
      </time>
      <button
        type="button"
        onClick={() => onIdent(ident)}
        data-tip={t.channels.tail.onlyIdent}
        aria-label={t.channels.tail.onlyOf(ident)}
        className="relative max-w-40 shrink-0 truncate rounded-sm text-left text-sm font-medium text-accent-strong hover:underline sm:w-36"
      >
        {ident}
      </button>
      <code className="order-last w-full truncate font-mono text-sm sm:order-none sm:w-auto sm:min-w-0 sm:flex-1">
        {previewOf(fields)}
      </code>
      <span className="text-xs whitespace-nowrap text-faint max-sm:ml-auto">{bytes(message.bytes)}</span>
    </div>
  );
}

/** The fields that are not in the row already, as far as they fit. */
function previewOf(fields: Record<string, unknown>): string {
  let text = '';
  for (const [name, value] of Object.entries(fields)) {
    if (name === 'ident' || name === 'timestamp') continue;
    if (text.length > PREVIEW) break;
    text += `${text && ', '}${name}: ${JSON.stringify(value).slice(0, PREVIEW)}`;
  }
  return text || '{}';
}
