import { type ChannelReader, ChannelReaders, type ChannelSummary } from '@polyrelay/contract';
import type { QueryClient } from '@tanstack/react-query';
import { z } from 'zod';
import type { LiveEvent } from '../../lib/live-batch';
import { patchPages, refetchSoon } from '../../lib/patch';
import { addArrivals } from './arrivals';
import { changed, hear, isSelf } from './changes';
import { arrivalsQuery, CHANNEL, CHANNELS, channelQuery, readersQuery } from './queries';

/** How long deletions are waited out before the bytes that are left are asked for. */
const BYTES_MS = 5000;

const Moved = z.object({ readers: ChannelReaders.shape.items });

/** Brings the cached answers up to date with a batch of live events. */
export function patchCaches(events: readonly LiveEvent[], client: QueryClient): void {
  const byChannel = new Map<string, LiveEvent[]>();
  for (const event of events) {
    const [channels, id] = event.topic.split('/');
    if (channels !== 'channels' || id === undefined) continue;
    byChannel.set(id, [...(byChannel.get(id) ?? []), event]);
  }
  if (byChannel.size === 0) return;
  hear(events);
  patchLists(client, byChannel);
  for (const [id, own] of byChannel) patchChannel(client, id, own);
  client.setQueryData(arrivalsQuery.queryKey, (counts) => counts && addArrivals(counts, events, Date.now()));
}

const hasSelf = (events: readonly LiveEvent[]): boolean => events.some(isSelf);
const isRemoved = (events: readonly LiveEvent[]): boolean =>
  events.some((event) => isSelf(event) && event.operation === 'DELETION');

function patchLists(client: QueryClient, byChannel: ReadonlyMap<string, readonly LiveEvent[]>): void {
  patchPages<ChannelSummary>(client, [CHANNELS], (channel) => {
    const events = byChannel.get(String(channel.id)) ?? [];
    return isRemoved(events) ? null : events.reduce(changed, channel);
  });
  const isOther = [...byChannel.values()].some((events) =>
    events.some((event) => isSelf(event) && event.operation !== 'UPDATE'),
  );
  const isSettled = client.isFetching({ queryKey: [CHANNELS] }) === 0;
  // Others count; and an answer on its way may be older than this change, and would take it back.
  if (isOther || (!isSettled && hasSelf([...byChannel.values()].flat()))) refetchSoon(client, [CHANNELS]);
}

function patchChannel(client: QueryClient, id: string, events: readonly LiveEvent[]): void {
  const { queryKey } = channelQuery(id);
  // Whoever still looks at it is told that it is gone.
  if (isRemoved(events)) return void client.resetQueries({ queryKey });
  const isFetching = client.isFetching({ queryKey }) > 0;
  client.setQueryData(queryKey, (channel) => channel && events.reduce(changed, channel));
  if (isFetching && hasSelf(events)) refetchSoon(client, queryKey);
  else if (events.some(({ topic, operation }) => topic.endsWith('/messages') && operation === 'DELETION'))
    refetchSoon(client, [CHANNEL, id], BYTES_MS);
  for (const event of events) patchReaders(client, Number(id), event);
}

function patchReaders(client: QueryClient, id: number, { topic, payload }: LiveEvent): void {
  if (topic !== `channels/${id}/readers`) return;
  const { data } = Moved.safeParse(payload);
  const { queryKey } = readersQuery(id);
  if (!data) return void refetchSoon(client, queryKey);
  client.setQueryData(queryKey, (readers) => readers && withMoved(readers, data.readers));
}

/** The readers with those that moved, who read last first. */
export function withMoved(
  readers: readonly ChannelReader[],
  moved: readonly ChannelReader[],
): ChannelReader[] {
  const byId = new Map([...readers, ...moved].map((reader) => [reader.id, reader]));
  return [...byId.values()].sort((a, b) => Date.parse(b.lastReadAt) - Date.parse(a.lastReadAt));
}
