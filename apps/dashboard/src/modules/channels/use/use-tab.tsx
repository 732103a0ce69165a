import type { AclEntry, Channel } from '@polyrelay/contract';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { overviewQuery } from '../../../lib/overview';
import { useNewToken } from '../../../lib/use-new-token';
import { t } from '../../../strings';
import { buttonClass } from '../../../ui/button';
import { CommandCard, TokenBar } from '../../../ui/command-card';
import { Card } from '../../../ui/page';
import { Loaded } from '../../../ui/states';
import { Switch } from '../../../ui/switch';
import { commands, type Place } from './commands';

/** Reading the channel, and adding to it where that is wanted; no more. */
const accessTo = ({ id, topic }: Channel, mayAdd: boolean): { kind: 'acl'; acl: AclEntry[] } => ({
  kind: 'acl',
  acl: [
    { uri: 'gw/channels', methods: ['GET'], ids: [id] },
    { uri: 'gw/channels/messages', methods: mayAdd ? ['GET', 'POST'] : ['GET'], ids: [id] },
    ...(mayAdd && topic !== null ? [{ uri: 'mqtt' as const, methods: ['POST' as const], topic }] : []),
  ],
});

/** Commands to read the channel and to add to it, with this service's address. */
export function UseTab({ channel }: { channel: Channel }) {
  const overview = useQuery({ ...overviewQuery, staleTime: Number.POSITIVE_INFINITY });
  const [mayAdd, setMayAdd] = useState(false);
  const token = useNewToken({
    name: t.channels.use.tokenName(channel.name),
    access: accessTo(channel, mayAdd),
  });
  return (
    <div className="flex flex-col gap-5">
      <TokenBar token={token} text={t.channels.use.tokenText(mayAdd)}>
        <Switch label={t.channels.use.mayAdd} checked={mayAdd} onChange={setMayAdd} />
      </TokenBar>
      <Loaded query={overview}>
        {({ broker }) => (
          <Ways
            channel={channel}
            place={{ url: location.origin, mqttHost: broker.host, mqttPort: broker.port }}
            fill={token.fill}
          />
        )}
      </Loaded>
    </div>
  );
}

interface WaysProps {
  channel: Channel;
  place: Place;
  fill: (command: string) => string;
}

function Ways({ channel, place, fill }: WaysProps) {
  const way = (name: keyof typeof commands) => (
    <CommandCard {...t.channels.use.ways[name]} text={fill(commands[name](place, channel))} />
  );
  return (
    <div className="grid items-start gap-5 lg:grid-cols-2">
      <section aria-labelledby="read-it" className="flex min-w-0 flex-col gap-4">
        <h2 id="read-it" className="text-lg font-semibold">
          {t.channels.use.read}
        </h2>
        {way('receiver')}
        {way('curlRead')}
        {way('mqttRead')}
        {way('published')}
      </section>
      <section aria-labelledby="add-to-it" className="flex min-w-0 flex-col gap-4">
        <h2 id="add-to-it" className="text-lg font-semibold">
          {t.channels.use.write}
        </h2>
        {way('curlPost')}
        {channel.topic === null ? <NoTopic id={channel.id} /> : way('mqttPost')}
      </section>
    </div>
  );
}

const NoTopic = ({ id }: { id: number }) => (
  <Card title={t.channels.use.ways.mqttPost.title}>
    <p className="mb-3 text-soft">{t.channels.use.noTopic}</p>
    <Link
      to="/channels/$id"
      params={{ id: String(id) }}
      search={{ tab: 'settings' }}
      className={buttonClass('plain', 'sm')}
    >
      {t.channels.use.toSettings}
    </Link>
  </Card>
);
