import type { Channel, ChannelReader } from '@polyrelay/contract';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { UserMinus } from 'lucide-react';
import { api } from '../../../lib/api';
import { count } from '../../../lib/format';
import { toast } from '../../../lib/toast';
import { t } from '../../../strings';
import { Badge, Chip } from '../../../ui/badge';
import { Banner } from '../../../ui/banner';
import { IconButton } from '../../../ui/button';
import { cx } from '../../../ui/cx';
import { Card } from '../../../ui/page';
import { Loaded, Skeleton } from '../../../ui/states';
import { RelativeTime } from '../../../ui/time';
import { base, readersQuery } from '../queries';
import { areInTheWay, lagOf } from './lag';

/** Who reads the channel, how fast, and how far behind each is. */
export function ReadersCard({ channel }: { channel: Channel }) {
  const query = useQuery(readersQuery(channel.id));
  return (
    <Card title={t.channels.readers.title}>
      <Loaded query={query} skeleton={<Skeleton rows={2} />}>
        {(readers) =>
          readers.length === 0 ? (
            <p className="text-soft">
              {t.channels.readers.none}{' '}
              <Link
                to="/channels/$id"
                params={{ id: String(channel.id) }}
                search={{ tab: 'use' }}
                className="text-accent underline underline-offset-2"
              >
                {t.channels.readers.how}
              </Link>
            </p>
          ) : (
            <div className="flex flex-col gap-3">
              {areInTheWay(readers) && (
                <Banner tone="warn" title={t.channels.readers.inTheWay}>
                  {t.channels.readers.inTheWayText}
                </Banner>
              )}
              <ul className="divide-y divide-line">
                {readers.map((reader) => (
                  <Reader key={reader.id} reader={reader} channel={channel} />
                ))}
              </ul>
            </div>
          )
        }
      </Loaded>
    </Card>
  );
}

function Reader({ reader, channel }: { reader: ChannelReader; channel: Channel }) {
  const { id, name, agent, rate, waiting, deletes, lastReadAt } = reader;
  const lag = lagOf(reader, channel);
  const client = useQueryClient();
  const forget = useMutation({
    mutationFn: () => api.delete(`${base(channel.id)}/readers/${id}`),
    onSuccess: () => {
      client.setQueryData(readersQuery(channel.id).queryKey, (all) => all?.filter((each) => each.id !== id));
      toast.success(t.channels.readers.forgotten(name));
    },
    onError: (error) => toast.error(t.channels.readers.notForgotten, { description: error.message }),
  });
  return (
    <li className="flex flex-wrap items-center gap-x-5 gap-y-2 py-3 first:pt-0 last:pb-0">
      <div className="min-w-0 flex-1 basis-56">
        <p className="flex flex-wrap items-center gap-2">
          <span className="min-w-0 truncate font-medium">{name}</span>
          {waiting && (
            <Badge tone="good" tip={t.channels.readers.waitingTip}>
              {t.channels.readers.waiting}
            </Badge>
          )}
          {deletes && (
            <Chip tone="warn" tip={t.channels.readers.deletesTip}>
              {t.channels.readers.deletes}
            </Chip>
          )}
        </p>
        <p className="truncate text-sm text-faint">{agent || t.channels.readers.noAgent}</p>
      </div>
      <dl className="flex flex-wrap gap-x-5 gap-y-1 text-sm">
        <Figure label={t.channels.readers.lag}>
          <span className={cx(lag > 0 && !waiting && 'font-semibold text-warn')}>{count(lag)}</span>
        </Figure>
        <Figure label={t.channels.readers.rate}>{t.channels.readers.perSecond(rate)}</Figure>
        <Figure label={t.channels.readers.lastRead}>
          <RelativeTime at={lastReadAt} />
        </Figure>
      </dl>
      <IconButton
        icon={UserMinus}
        label={t.channels.readers.forget(name)}
        aria-busy={forget.isPending}
        onClick={() => !forget.isPending && forget.mutate()}
      />
    </li>
  );
}

const Figure = ({ label, children }: { label: string; children: React.ReactNode }) => (
  <div className="min-w-16">
    <dt className="text-faint">{label}</dt>
    <dd>{children}</dd>
  </div>
);
