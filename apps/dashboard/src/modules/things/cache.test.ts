import type { Policy, Session, Thing, ThingCounts, ThingSummary } from '@polyrelay/contract';
import { type InfiniteData, QueryClient } from '@tanstack/react-query';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Page } from '../../lib/api';
import type { LiveEvent } from '../../lib/live-batch';
import { policyQuery } from '../../lib/policy';
import { sessionQuery } from '../../lib/session';
import { patchCaches } from './cache';
import { countsQuery, distributionQuery, LISTS, listQuery, THINGS, thingQuery } from './queries';

const at = '2026-01-02T00:00:00.000Z';
const ME = 'me';
const summary = (id: string, ownerId = ME): ThingSummary => ({
  id,
  ownerId,
  name: id,
  type: '',
  status: 'created',
  enabled: true,
  connected: false,
  lastSeenAt: null,
  collected: 5,
  published: 7,
  createdAt: '2026-01-01T00:00:00.000Z',
});

let lastId = 0;
const event = (
  topic: string,
  payload: Record<string, unknown> = {},
  operation: LiveEvent['operation'] = 'UPDATE',
): LiveEvent => ({ id: String(++lastId), topic, payload, operation, group: '', at });
const message = (thing: string, type: 'ingress' | 'egress') =>
  event(`things/${thing}/messages/m${++lastId}`, { type, at, bytes: 2 }, 'INSERTION');

const list = listQuery({}).queryKey;
type Pages = InfiniteData<Page<ThingSummary>, string | undefined>;

let client: QueryClient;
beforeEach(() => {
  vi.useFakeTimers();
  client = new QueryClient({ defaultOptions: { queries: { staleTime: Number.POSITIVE_INFINITY } } });
  signedIn('member');
  client.setQueryData<Pages>(list, {
    pageParams: [undefined, 'c'],
    pages: [
      { items: [summary('a'), summary('b')], nextCursor: 'c' },
      { items: [summary('c', 'other')], nextCursor: null },
    ],
  });
  client.setQueryData(thingQuery('a').queryKey, {
    ...summary('a'),
    bootstrap: { collectedAt: null, publishedAt: null },
  } as Thing);
  client.setQueryData(countsQuery.queryKey, { total: 3 } as ThingCounts);
  client.setQueryData(policyQuery.queryKey, {
    usage: { things: 2, collected: 100, published: 200 },
  } as Policy);
});
afterEach(() => {
  vi.runAllTimers();
  vi.useRealTimers();
});

const signedIn = (role: 'admin' | 'member') =>
  client.setQueryData(sessionQuery.queryKey, { user: { id: ME, role } } as Session);
const pages = () => client.getQueryData<Pages>(list)?.pages ?? [];
const inList = (id: string) =>
  pages()
    .flatMap(({ items }) => items)
    .find((thing) => thing.id === id);
const onPage = () => client.getQueryData(thingQuery('a').queryKey);
const usage = () => client.getQueryData(policyQuery.queryKey)?.usage;

/** What a batch of events has fetched again. */
function fetched(...events: LiveEvent[]) {
  const invalidate = vi.spyOn(client, 'invalidateQueries').mockResolvedValue();
  patchCaches(events, client);
  vi.runAllTimers();
  return invalidate.mock.calls.map(([filter]) => filter?.queryKey);
}

test('a changed thing is patched in the list and on its page; what else is there stays the same object', () => {
  const untouched = pages()[1];
  const neighbour = inList('b');
  patchCaches([event('things/a', { type: 'Mac', enabled: false, secret: 'x' })], client);
  expect(inList('a')).toEqual({ ...summary('a'), type: 'Mac', enabled: false });
  expect(inList('b')).toBe(neighbour);
  expect(pages()[1]).toBe(untouched);
  expect(onPage()).toMatchObject({ type: 'Mac', enabled: false });
});

test('messages of a batch are counted together, by direction, and nothing is fetched for them', () => {
  const keys = fetched(message('a', 'egress'), message('a', 'egress'), message('a', 'ingress'));
  expect(inList('a')).toMatchObject({ collected: 7, published: 8, lastSeenAt: at });
  expect(onPage()).toMatchObject({ collected: 7, published: 8, lastSeenAt: at });
  expect(usage()).toEqual({ things: 2, collected: 102, published: 201 });
  expect(keys).toEqual([]);
});

test('a message to a thing is no sign of the thing', () => {
  patchCaches([message('a', 'ingress')], client);
  expect(inList('a')?.lastSeenAt).toBeNull();
});

test('what became of a message counts nothing', () => {
  patchCaches([event('things/a/messages/m', { state: 'delivered', stateAt: at })], client);
  expect(inList('a')).toEqual(summary('a'));
});

test('a connection is a sign of it, an older one takes nothing back', () => {
  patchCaches([event('things/a', { connected: true })], client);
  expect(inList('a')).toMatchObject({ connected: true, lastSeenAt: at });
  patchCaches([{ ...message('a', 'egress'), at: '2026-01-01T12:00:00.000Z' }], client);
  expect(inList('a')?.lastSeenAt).toBe(at);
});

test('the steps of a bootstrap arrive on its page', () => {
  patchCaches(
    [event('things/a', { status: 'verified', bootstrap: { collectedAt: at, publishedAt: at } })],
    client,
  );
  expect(onPage()).toMatchObject({
    status: 'verified',
    bootstrap: { collectedAt: at, publishedAt: at },
  });
});

test('a removed thing leaves the list, its page is told, and the figures are fetched', () => {
  const reset = vi.spyOn(client, 'resetQueries').mockResolvedValue();
  const keys = fetched(event('things/a', {}, 'DELETION'));
  expect(inList('a')).toBeUndefined();
  expect(reset).toHaveBeenCalledWith({ queryKey: thingQuery('a').queryKey });
  expect(keys).toContainEqual(countsQuery.queryKey);
  expect(keys).toContainEqual(policyQuery.queryKey);
});

test('added things fetch the lists once, however many they are', () => {
  const keys = fetched(event('things/x', {}, 'INSERTION'), event('things/y', {}, 'INSERTION'));
  expect(keys.filter((key) => JSON.stringify(key) === JSON.stringify([THINGS]))).toHaveLength(1);
});

test('states that are counted fetch the counts once and leave the list as it is', () => {
  const keys = fetched(event('things/a', { connected: true }), event('things/b', { enabled: false }));
  expect(keys).toEqual([countsQuery.queryKey]);
});

test('new keys bring a new certificate and another download', () => {
  const keys = fetched(event('things/a', { keysMadeAt: at }));
  expect(keys).toContainEqual(thingQuery('a').queryKey);
  expect(keys).toContainEqual(distributionQuery('a').queryKey);
});

test('an admin hears of everybody’s messages, but only the own ones are used up', () => {
  signedIn('admin');
  patchCaches([message('a', 'egress'), message('c', 'egress')], client);
  expect(usage()?.collected).toBe(101);
  const keys = fetched(message('unknown', 'egress'));
  expect(usage()?.collected).toBe(101);
  expect(keys).toEqual([policyQuery.queryKey]);
});

test('a change that comes while lists are fetched is not taken back by an older answer', () => {
  vi.spyOn(client, 'isFetching').mockReturnValue(1);
  const keys = fetched(event('things/b', { type: 'Mac' }));
  expect(keys).toContainEqual(LISTS);
});

test('another policy is fetched', () => {
  expect(fetched(event('policies/default', { things: 3 }))).toEqual([policyQuery.queryKey]);
});
