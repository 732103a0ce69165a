import type { ChannelSummary } from '@polyrelay/contract';
import { z } from 'zod';
import type { LiveEvent } from '../../lib/live-batch';
import { known } from '../../lib/patch';
import { appendedIn, channelOf } from './arrivals';

const Deleted = z.object({ firstKey: z.number() });

export const isSelf = ({ topic }: LiveEvent): boolean => topic.split('/').length === 2;

/** The last that was heard of each channel's messages. */
const heard = new Map<string, Partial<Record<LiveEvent['operation'], LiveEvent>>>();

/** Remembers what events tell of messages, for answers on their way that are older. */
export function hear(events: readonly LiveEvent[]): void {
  for (const event of events) {
    const id = channelOf(event.topic);
    if (id !== undefined) heard.set(id, { ...heard.get(id), [event.operation]: event });
  }
}

/** A channel as it was fetched, with what has been heard since: keys only grow. */
export const freshened = <T extends ChannelSummary>(channel: T): T =>
  Object.values(heard.get(String(channel.id)) ?? {}).reduce<T>(changed, channel);

/** A channel after an event; the same object when the event changes nothing of it. */
export function changed<T extends ChannelSummary>(channel: T, event: LiveEvent): T {
  if (isSelf(event))
    return event.operation === 'UPDATE' ? { ...channel, ...known(channel, event.payload) } : channel;
  const appended = appendedIn(event);
  if (appended) return withAppended(channel, appended, event.at);
  if (!event.topic.endsWith('/messages') || event.operation !== 'DELETION') return channel;
  const { data } = Deleted.safeParse(event.payload);
  return data && data.firstKey > channel.firstKey ? withoutBelow(channel, data.firstKey) : channel;
}

/** Keys have no holes: they tell what an answer had already counted, and what was not heard of. */
function withAppended<T extends ChannelSummary>(
  channel: T,
  { lastKey, count, bytes }: { lastKey: number; count: number; bytes: number },
  at: string,
): T {
  const added = lastKey + 1 - channel.nextKey;
  if (added <= 0) return channel;
  return {
    ...channel,
    nextKey: lastKey + 1,
    messages: channel.messages + added,
    messagesSize: channel.messagesSize + Math.round((bytes * added) / count),
    lastMessageAt: at,
  };
}

/** The bytes are a guess, until they are fetched. */
function withoutBelow<T extends ChannelSummary>(channel: T, key: number): T {
  const firstKey = Math.min(key, channel.nextKey);
  const messages = Math.max(0, channel.messages - (firstKey - channel.firstKey));
  const share = channel.messages === 0 ? 0 : messages / channel.messages;
  return { ...channel, firstKey, messages, messagesSize: Math.round(channel.messagesSize * share) };
}
