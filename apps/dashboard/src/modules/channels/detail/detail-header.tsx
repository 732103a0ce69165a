import type { Channel } from '@polyrelay/contract';
import { Link } from '@tanstack/react-router';
import { MessageSquarePlus, Power } from 'lucide-react';
import { count } from '../../../lib/format';
import { t } from '../../../strings';
import { Button, buttonClass } from '../../../ui/button';
import { type Back, BackLink, LiveState } from '../../../ui/detail';
import { PageHeader } from '../../../ui/page';
import { RelativeTime } from '../../../ui/time';
import { useChange } from '../actions';
import type { DetailSearch } from '../search';
import { StateBadge } from '../state';

/** The list it leads back to. */
export const back: Back = { to: '/channels', label: t.channels.title };

/** Name and state, what it holds, and adding a message on the right. */
export function DetailHeader({ channel, search }: { channel: Channel; search: DetailSearch }) {
  const { id, name, enabled, messages, lastMessageAt } = channel;
  const change = useChange(id);
  return (
    <PageHeader
      title={name}
      above={<BackLink {...back} />}
      beside={
        <LiveState word={String(enabled)}>
          <StateBadge enabled={enabled} />
        </LiveState>
      }
      below={
        <p className="flex flex-wrap gap-x-1.5 text-sm text-faint">
          <span>{t.channels.number(id)} ·</span>
          <span>
            {t.channels.holds(count(messages), messages)} {lastMessageAt && '·'}
          </span>
          {lastMessageAt && (
            <span>
              {t.channels.lastMessage} <RelativeTime at={lastMessageAt} />
            </span>
          )}
        </p>
      }
      actions={
        enabled ? (
          <Link
            to="/channels/$id"
            params={{ id: String(id) }}
            search={{ ...search, dialog: 'add' }}
            replace
            className={buttonClass('main')}
          >
            <MessageSquarePlus aria-hidden className="size-4" />
            {t.channels.add.title}
          </Link>
        ) : (
          <Button
            kind="main"
            icon={Power}
            isBusy={change.isPending}
            onClick={() => change.mutate({ enabled: true })}
          >
            {t.channels.enable}
          </Button>
        )
      }
    />
  );
}
