import type { Message, MessageState, Thing } from '@polyrelay/contract';
import { useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { ApiError } from '../../../lib/api';
import { bytes, exact, stepTime } from '../../../lib/format';
import { t } from '../../../strings';
import { CodeBlock } from '../../../ui/code-block';
import { CopyId, CopyWideButton } from '../../../ui/copy';
import { Dialog } from '../../../ui/dialog';
import { Facts } from '../../../ui/facts';
import { JsonView } from '../../../ui/json-view';
import { Segmented } from '../../../ui/segmented';
import { Bone, Failure } from '../../../ui/states';
import { Stepper } from '../../../ui/stepper';
import { messageQuery } from './queries';
import type { Messages } from './use-messages';
import { StateBadge } from './way';

interface Props {
  thing: Thing;
  id: string;
  messages: Messages;
  /** Goes to another message, or to none. */
  onChange: (id: string | undefined) => void;
}

/** One message with its whole payload; the arrow keys go through the list. */
export function Viewer({ thing, id, messages, onChange }: Props) {
  const message = useQuery(messageQuery(thing.id, id));
  const { shown, onward } = messages;
  const at = shown.findIndex((each) => each.id === id);
  const newer = at > 0 ? shown[at - 1]?.id : undefined;
  const older = at === -1 ? undefined : shown[at + 1]?.id;
  const isLast = at !== -1 && at === shown.length - 1 && onward !== null && !messages.error;
  // Whoever looks at the last one that is here may go on from it.
  useEffect(() => {
    if (isLast) messages.older();
  }, [isLast, messages.older]);
  const isGone = message.error instanceof ApiError && message.error.status === 404;
  return (
    <Dialog
      isOpen
      onClose={() => onChange(undefined)}
      title={t.messages.one}
      size="lg"
      footer={
        <>
          {at !== -1 && <Stepper newer={newer} older={older} onChange={onChange} />}
          {message.data && (
            <CopyWideButton
              text={JSON.stringify(message.data.payload, null, 2)}
              what={t.json.theWhole}
              kind="main"
            />
          )}
        </>
      }
    >
      {message.data ? (
        <Content key={id} message={message.data} live={shown[at]} />
      ) : isGone ? (
        <p className="py-8 text-center text-soft">{t.messages.gone}</p>
      ) : message.error ? (
        <Failure error={message.error} onRetry={() => void message.refetch()} />
      ) : (
        <Bone className="h-80" />
      )}
    </Dialog>
  );
}

type State = { state: MessageState | null; stateAt: string | null };

function Content({ message, live }: { message: Message; live: State | undefined }) {
  const [view, setView] = useState<'pretty' | 'raw'>('pretty');
  const { state, stateAt } = live ?? message;
  const at = Date.parse(message.at);
  return (
    <div className="flex flex-col gap-4">
      <Facts
        columns={2}
        facts={[
          { label: t.messages.way, value: t.messages.wayFull[message.type] },
          { label: t.messages.at, value: exact(at) },
          { label: t.messages.size, value: bytes(message.bytes) },
          { label: t.messages.exactly, value: <code className="font-mono text-sm">{message.at}</code> },
          ...(state
            ? [
                {
                  label: t.messages.state,
                  value: (
                    <span className="flex flex-wrap items-center gap-2">
                      <StateBadge state={state} />
                      {state !== 'queued' && stateAt && (
                        <span className="text-sm text-faint">
                          {t.messages.after(stepTime(Date.parse(stateAt) - at))}
                        </span>
                      )}
                    </span>
                  ),
                },
              ]
            : []),
          { label: t.messages.id, value: <CopyId id={message.id} what={t.messages.id} keep={20} /> },
        ]}
      />
      <div className="flex flex-col gap-2">
        <div className="flex flex-wrap items-center justify-between gap-2">
          <h3 className="font-semibold">{t.messages.payload}</h3>
          <Segmented
            label={t.messages.view}
            value={view}
            onChange={setView}
            choices={[
              { value: 'pretty', label: t.messages.pretty },
              { value: 'raw', label: t.messages.raw },
            ]}
          />
        </div>
        {view === 'pretty' ? (
          <JsonView value={message.payload} label={t.messages.payload} className="max-h-[45dvh]" />
        ) : (
          <CodeBlock
            label={t.messages.payload}
            text={JSON.stringify(message.payload)}
            className="max-h-[45dvh] [&>pre]:wrap-anywhere [&>pre]:whitespace-pre-wrap"
          />
        )}
      </div>
    </div>
  );
}
