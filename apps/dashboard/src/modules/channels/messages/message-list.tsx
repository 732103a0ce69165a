import type { ChannelMessage } from '@polyrelay/contract';
import { ChevronsDown } from 'lucide-react';
import { useCallback, useMemo } from 'react';
import { bytes, exact, moment } from '../../../lib/format';
import { useNow } from '../../../lib/now';
import { t } from '../../../strings';
import { RowList } from '../../../ui/row-list';
import { keyOf, rowsOf, type TailRow } from './tail';
import type { TailView } from './use-tail';

/** So much of a message fits into a row. */
const PREVIEW = 300;

interface Props {
  tail: TailView;
  onOpen: (key: number) => void;
  onIdent: (ident: string) => void;
  /** The reader is in the list: nothing may move under the pointer. */
  onBusy: (isBusy: boolean) => void;
}

/** Messages as rows, with what was passed over between them. */
export function MessageList({ tail, onOpen, onIdent, onBusy }: Props) {
  const { messages, gaps, onward, isSparse, isPaging, error } = tail;
  const rows = useMemo(() => rowsOf({ messages, gaps }), [messages, gaps]);
  const now = useNow();
  const keyAt = useCallback(
    (index: number) => {
      const row = rows[index];
      return row ? `${row.kind} ${keyOf(row)}` : index;
    },
    [rows],
  );
  const canGoOn = onward !== null && !isSparse && !isPaging && error === null;
  return (
    <RowList
      label={t.channels.tabs.messages}
      count={rows.length}
      keyOf={keyAt}
      row={(index) => {
        const row = rows[index];
        return row && <Row row={row} now={now} onOpen={onOpen} onIdent={onIdent} />;
      }}
      onBusy={onBusy}
      onEnd={canGoOn ? tail.older : null}
      paging={isPaging ? t.channels.tail.loadingOlder : undefined}
    />
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
