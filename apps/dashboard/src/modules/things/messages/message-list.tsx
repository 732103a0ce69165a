import type { MessageSummary } from '@polyrelay/contract';
import { useCallback } from 'react';
import { bytes, exact, moment } from '../../../lib/format';
import { useNow } from '../../../lib/now';
import { t } from '../../../strings';
import { useFlash } from '../../../ui/flash';
import { RowList } from '../../../ui/row-list';
import { StateBadge, Way } from './way';

interface Props {
  messages: readonly MessageSummary[];
  onOpen: (message: MessageSummary) => void;
  /** The reader is in the list: nothing may move under the pointer. */
  onBusy: (isBusy: boolean) => void;
  /** The end of what is here comes near. */
  onEnd: (() => void) | null;
  isPaging: boolean;
}

/** Messages as rows. */
export function MessageList({ messages, onOpen, onBusy, onEnd, isPaging }: Props) {
  const now = useNow();
  return (
    <RowList
      label={t.messages.title}
      count={messages.length}
      keyOf={useCallback((index: number) => messages[index]?.id ?? index, [messages])}
      row={(index) => {
        const message = messages[index];
        return message && <MessageRow message={message} now={now} onOpen={() => onOpen(message)} />;
      }}
      onBusy={onBusy}
      onEnd={isPaging ? null : onEnd}
      paging={isPaging ? t.messages.loadingOlder : undefined}
    />
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
