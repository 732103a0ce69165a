import type { Channel } from '@polyrelay/contract';
import { bytes, count, duration } from '../../../lib/format';
import { t } from '../../../strings';
import { codeFact, Facts } from '../../../ui/facts';
import { Card } from '../../../ui/page';
import { RelativeTime } from '../../../ui/time';

/** What other programs need to know of a channel, and how much it holds. */
export function ChannelFacts({ channel }: { channel: Channel }) {
  const { id, uri, topic, messages, messagesSize, messagesTtl, firstKey, nextKey, lastMessageAt, createdAt } =
    channel;
  return (
    <Card title={t.channels.facts.title}>
      <Facts
        facts={[
          codeFact(t.channels.facts.id, String(id)),
          codeFact(t.channels.facts.address, new URL(uri, location.origin).href),
          topic === null
            ? {
                label: t.channels.topic,
                value: <span className="text-faint">{t.channels.facts.noTopic}</span>,
              }
            : codeFact(t.channels.topic, topic),
          {
            label: t.channels.facts.messages,
            value: t.channels.facts.held(count(messages), bytes(messagesSize)),
          },
          { label: t.channels.facts.keys, value: t.channels.facts.keyRange(count(firstKey), count(nextKey)) },
          {
            label: t.channels.facts.kept,
            value: messagesTtl === 0 ? t.channels.facts.notKept : duration(messagesTtl),
          },
          {
            label: t.channels.columns.lastMessage,
            value: <RelativeTime at={lastMessageAt} otherwise={t.channels.noMessageYet} />,
          },
          { label: t.channels.facts.created, value: <RelativeTime at={createdAt} /> },
        ]}
      />
    </Card>
  );
}
