import type { MessageSummary, Thing } from '@polyrelay/contract';
import { useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Pencil, RotateCw } from 'lucide-react';
import { useState } from 'react';
import { exact, stepTime } from '../../../lib/format';
import { toast } from '../../../lib/toast';
import { t } from '../../../strings';
import { IconButton } from '../../../ui/button';
import { useFlash } from '../../../ui/flash';
import { Card } from '../../../ui/page';
import { Failure, Skeleton } from '../../../ui/states';
import { RelativeTime } from '../../../ui/time';
import { messageQuery } from '../messages/queries';
import { useMessages } from '../messages/use-messages';
import { StateBadge } from '../messages/way';
import { type Draft, draftOf, requestOf } from './draft';
import { useSend } from './use-send';

/** What is further back stands under Messages. */
const SHOWN = 20;
const filter = { type: 'ingress', range: 'all' } as const;

/** What was sent, newest first, and whether the thing has it. */
export function History({ thing, onEdit }: { thing: Thing; onEdit: (draft: Draft) => void }) {
  const { shown, isReady, error, reload } = useMessages(thing.id, filter, { pageSize: SHOWN });
  return (
    <Card
      title={t.send.history}
      isFlush
      actions={
        <Link
          to="/things/$id"
          params={{ id: thing.id }}
          search={{ tab: 'messages', type: 'ingress', range: 'all' }}
          className="text-sm font-medium text-accent hover:underline"
        >
          {t.send.all}
        </Link>
      }
    >
      {!isReady ? (
        <div className="p-4">
          {error ? <Failure error={error} onRetry={reload} /> : <Skeleton rows={3} className="h-10" />}
        </div>
      ) : shown.length === 0 ? (
        <p className="px-4 pt-1 pb-4 text-soft">{t.send.noHistory}</p>
      ) : (
        <ul aria-label={t.send.history} className="divide-y divide-line">
          {shown.slice(0, SHOWN).map((message) => (
            <Sent key={message.id} thing={thing} message={message} onEdit={onEdit} />
          ))}
        </ul>
      )}
    </Card>
  );
}

interface SentProps {
  thing: Thing;
  message: MessageSummary;
  onEdit: (draft: Draft) => void;
}

function Sent({ thing, message, onEdit }: SentProps) {
  const client = useQueryClient();
  const send = useSend(thing);
  const [isReading, setReading] = useState(false);
  const row = useFlash<HTMLLIElement>(message.state);
  const time = exact(Date.parse(message.at));
  /** Lists have the beginning of a payload only. */
  const withPayload = (use: (payload: unknown) => void) => async () => {
    setReading(true);
    try {
      use((await client.ensureQueryData(messageQuery(thing.id, message.id))).payload);
    } catch (error) {
      toast.error(t.send.notRead, { description: error instanceof Error ? error.message : '' });
    } finally {
      setReading(false);
    }
  };
  const again = withPayload((payload) =>
    send.mutate(requestOf(payload), {
      onError: (error) => toast.error(t.send.notSent, { description: error.message }),
    }),
  );
  return (
    <li ref={row} className="flex flex-wrap items-center gap-x-3 gap-y-1 px-4 py-2.5">
      <code className="min-w-0 flex-1 basis-full truncate font-mono text-sm sm:basis-0">
        {message.preview}
        {message.truncated && '…'}
      </code>
      <span className="text-sm text-faint">
        <RelativeTime at={message.at} />
      </span>
      <span className="flex items-center gap-2 sm:w-56">
        {message.state && <StateBadge state={message.state} />}
        <span className="text-sm text-faint">{took(message)}</span>
      </span>
      <span className="flex max-sm:ml-auto">
        <IconButton
          size="sm"
          icon={RotateCw}
          label={t.send.againOf(time)}
          aria-busy={isReading || send.isPending}
          onClick={() => void again()}
        />
        <IconButton
          size="sm"
          icon={Pencil}
          label={t.send.editOf(time)}
          aria-busy={isReading}
          onClick={() => void withPayload((payload) => onEdit(draftOf(payload)))()}
        />
      </span>
    </li>
  );
}

/** How long it took to get there, or what it waits for. */
function took({ state, at, stateAt }: MessageSummary): string {
  if (state === 'queued') return t.send.waits;
  if (state === 'sent') return t.send.onItsWay;
  return stateAt === null ? '' : t.send.took(stepTime(Date.parse(stateAt) - Date.parse(at)));
}
