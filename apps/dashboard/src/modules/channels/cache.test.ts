import type { ChannelSummary } from '@polyrelay/contract';
import { QueryClient } from '@tanstack/react-query';
import { expect, test } from 'vitest';
import type { LiveEvent } from '../../lib/live-batch';
import { patchCaches, withMoved } from './cache';
import { changed, freshened, hear } from './changes';
import { CHANNELS, channelQuery, readersQuery } from './queries';

let last = 0;
const event = (topic: string, operation: LiveEvent['operation'], payload = {}): LiveEvent => {
  last += 1;
  return { id: String(last), topic, operation, group: 'channels', at: '2026-01-01T00:01:00.000Z', payload };
};
const appended = (id: number, firstKey: number, lastKey: number, bytes = 100) =>
  event(`channels/${id}/messages`, 'INSERTION', { firstKey, lastKey, count: lastKey - firstKey + 1, bytes });
const channel = (id: number, more: Partial<ChannelSummary> = {}): ChannelSummary => ({
  id,
  ownerId: '00000000-0000-4000-8000-000000000000',
  name: `channel ${id}`,
  enabled: true,
  protocolName: 'http',
  messagesTtl: 60,
  firstKey: 0,
  nextKey: 10,
  messages: 10,
  messagesSize: 1000,
  lastMessageAt: null,
  createdAt: '2026-01-01T00:00:00.000Z',
  ...more,
});

test('a batch is counted once, also where an answer has a part of it', () => {
  const after = changed(channel(1), appended(1, 10, 14));
  expect(after).toMatchObject({
    nextKey: 15,
    messages: 15,
    messagesSize: 1100,
    lastMessageAt: last && expect.any(String),
  });
  expect(changed(after, appended(1, 10, 14))).toBe(after);
  expect(changed(channel(1, { nextKey: 13, messages: 13 }), appended(1, 10, 14)).messages).toBe(15);
});

test('deleting makes it hold less, never less than nothing', () => {
  const deleted = (firstKey: number) => event('channels/1/messages', 'DELETION', { firstKey });
  const half = changed(channel(1), deleted(5));
  expect(half).toMatchObject({ firstKey: 5, messages: 5, messagesSize: 500, nextKey: 10 });
  expect(changed(half, deleted(3))).toBe(half);
  expect(changed(half, deleted(99))).toMatchObject({ firstKey: 10, messages: 0, messagesSize: 0 });
});

test('an answer that is older than what was heard is brought up to date', () => {
  hear([appended(77, 10, 19)]);
  expect(freshened(channel(77)).nextKey).toBe(20);
  expect(freshened(channel(78)).nextKey).toBe(10);
});

test('rows change where they stand, and go when their channel is deleted', () => {
  const client = new QueryClient();
  const key = [CHANNELS, {}];
  const page = { items: [channel(1), channel(2)], nextCursor: null, total: 2 };
  client.setQueryData(key, { pages: [page], pageParams: [undefined] });
  const rows = () => client.getQueryData<{ pages: { items: ChannelSummary[] }[] }>(key)?.pages[0]?.items;
  patchCaches([event('channels/1', 'UPDATE', { name: 'new' }), appended(2, 10, 10)], client);
  expect(rows()?.map(({ name, nextKey }) => [name, nextKey])).toEqual([
    ['new', 10],
    ['channel 2', 11],
  ]);
  patchCaches([event('channels/1', 'DELETION')], client);
  expect(rows()?.map(({ id }) => id)).toEqual([2]);
  client.clear();
});

test('other channels and topics leave a channel as it is', () => {
  const client = new QueryClient();
  const { queryKey } = channelQuery(1);
  const known = { ...channel(1), topic: null, configuration: {}, uri: '/gw/channels/1' };
  client.setQueryData(queryKey, known);
  patchCaches(
    [appended(2, 10, 10), event('things/1', 'UPDATE'), event('channels/1/rules/x', 'INSERTION')],
    client,
  );
  expect(client.getQueryData(queryKey)).toBe(known);
  client.clear();
});

test('readers that moved take the place of themselves, who read last first', () => {
  const reader = (id: string, seconds: number, currKey: number) => ({
    id,
    name: id,
    agent: '',
    currKey,
    lag: 0,
    rate: 0,
    waiting: false,
    deletes: false,
    lastReadAt: new Date(seconds * 1000).toISOString(),
  });
  const [a, b] = ['11111111-1111-4111-8111-111111111111', '22222222-2222-4222-8222-222222222222'];
  const moved = withMoved(
    [reader(a as string, 10, 1), reader(b as string, 5, 1)],
    [reader(b as string, 20, 9)],
  );
  expect(moved.map(({ id, currKey }) => [id, currKey])).toEqual([
    [b, 9],
    [a, 1],
  ]);
  const client = new QueryClient();
  client.setQueryData(readersQuery(1).queryKey, moved);
  patchCaches([event('channels/1/readers', 'UPDATE', { readers: [reader(a as string, 30, 4)] })], client);
  expect(client.getQueryData(readersQuery(1).queryKey)?.map(({ currKey }) => currKey)).toEqual([4, 9]);
  client.clear();
});
