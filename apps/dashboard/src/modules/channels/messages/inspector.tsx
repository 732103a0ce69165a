import { useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { ApiError } from '../../../lib/api';
import { bytes, exact } from '../../../lib/format';
import { t } from '../../../strings';
import { CodeBlock } from '../../../ui/code-block';
import { CopyButton, CopyWideButton } from '../../../ui/copy';
import { Dialog } from '../../../ui/dialog';
import { Facts } from '../../../ui/facts';
import { JsonView } from '../../../ui/json-view';
import { Segmented } from '../../../ui/segmented';
import { Bone, Failure } from '../../../ui/states';
import { Stepper } from '../../../ui/stepper';
import { RelativeTime } from '../../../ui/time';
import { FieldTable } from './field-table';
import { messageQuery, type WholeMessage } from './queries';
import type { TailView } from './use-tail';

interface Props {
  channelId: number;
  messageKey: number;
  tail: TailView;
  /** Goes to another message, or to none. */
  onChange: (key: number | undefined) => void;
}

/** One message with all of its fields; the arrow keys go through the list. */
export function Inspector({ channelId, messageKey, tail, onChange }: Props) {
  const message = useQuery(messageQuery(channelId, messageKey));
  const { messages, onward } = tail;
  const at = messages.findIndex(({ key }) => key === messageKey);
  const isLast = at !== -1 && at === messages.length - 1 && onward !== null && !tail.error && !tail.isSparse;
  // Whoever looks at the last one that is here may go on from it.
  useEffect(() => {
    if (isLast) tail.older();
  }, [isLast, tail.older]);
  const isGone = message.error instanceof ApiError && message.error.status === 404;
  return (
    <Dialog
      isOpen
      onClose={() => onChange(undefined)}
      title={t.channels.one.title(messageKey)}
      size="lg"
      footer={
        <>
          {at !== -1 && (
            <Stepper newer={messages[at - 1]?.key} older={messages[at + 1]?.key} onChange={onChange} />
          )}
          {message.data && <CopyWideButton text={message.data.json} what={t.channels.one.what} kind="main" />}
        </>
      }
    >
      {message.data ? (
        <Content key={messageKey} message={message.data} />
      ) : isGone ? (
        <p className="py-8 text-center text-soft">{t.channels.one.gone}</p>
      ) : message.error ? (
        <Failure error={message.error} onRetry={() => void message.refetch()} />
      ) : (
        <Bone className="h-80" />
      )}
    </Dialog>
  );
}

const views = ['fields', 'pretty', 'raw'] as const;

function Content({ message }: { message: WholeMessage }) {
  const [view, setView] = useState<(typeof views)[number]>('fields');
  const { key, ident, timestamp, at, json } = message;
  return (
    <div className="flex flex-col gap-4">
      <Facts
        columns={2}
        facts={[
          {
            label: t.channels.one.ident,
            value: (
              <span className="inline-flex items-center gap-1">
                {ident} <CopyButton text={ident} what={t.channels.one.ident} />
              </span>
            ),
          },
          { label: t.channels.one.key, value: key },
          { label: t.channels.one.timestamp, value: <BothTimes at={timestamp * 1000} /> },
          { label: t.channels.one.added, value: <BothTimes at={Date.parse(at)} /> },
          { label: t.channels.one.size, value: bytes(message.bytes) },
        ]}
      />
      <Segmented
        label={t.channels.one.view}
        value={view}
        onChange={setView}
        choices={views.map((value) => ({ value, label: t.channels.one.views[value] }))}
        className="w-fit"
      />
      {view === 'fields' && <FieldTable json={json} />}
      {view === 'pretty' && (
        <JsonView value={message.message} label={t.channels.one.what} className="max-h-[45dvh]" />
      )}
      {view === 'raw' && (
        <CodeBlock
          label={t.channels.one.what}
          text={json}
          className="max-h-[45dvh] [&>pre]:wrap-anywhere [&>pre]:whitespace-pre-wrap"
        />
      )}
    </div>
  );
}

/** A time as people say it, and exactly; as a number where it is too far away for a date. */
function BothTimes({ at }: { at: number }) {
  const date = new Date(at);
  if (Number.isNaN(date.getTime())) return at / 1000;
  return (
    <>
      <RelativeTime at={date.toISOString()} />
      <span className="block text-sm text-faint">
        {exact(at)} · <code className="font-mono whitespace-nowrap">{date.toISOString()}</code>
      </span>
    </>
  );
}
