import type { NodeServer, NodeServerSummary } from '@polyrelay/contract';
import { QueryClient } from '@tanstack/react-query';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { LiveEvent } from '../../lib/live-batch';
import { patchCaches } from './cache';
import { nodeMapOf, type ServerData } from './node-map';
import { listQuery, noticesQuery, serverQuery } from './queries';

const summary = (id: string) =>
  ({ id, name: id, state: 'starting', connected: false, noticeCount: 0 }) as NodeServerSummary;
const at = '2026-01-01T00:00:00.000Z';
let lastId = 0;
const event = (
  topic: string,
  payload: Record<string, unknown> = {},
  operation: LiveEvent['operation'] = 'UPDATE',
): LiveEvent => ({
  id: String(++lastId),
  topic,
  payload,
  operation,
  group: '',
  at,
});

let client: QueryClient;
beforeEach(() => {
  vi.useFakeTimers();
  client = new QueryClient({ defaultOptions: { queries: { staleTime: Number.POSITIVE_INFINITY } } });
  client.setQueryData(listQuery.queryKey, [summary('a'), summary('b')]);
  const node = {
    address: 'n1',
    name: 'n1',
    nodedefId: 'x',
    primary: 'n1',
    isPrimary: true,
    isController: false,
    hint: null,
    timeAdded: at,
    drivers: {},
  };
  client.setQueryData<ServerData>(serverQuery('a').queryKey, {
    server: summary('a') as unknown as NodeServer,
    nodes: nodeMapOf([node]),
  });
});
afterEach(() => vi.useRealTimers());

const list = () => client.getQueryData(listQuery.queryKey);
const data = () => client.getQueryData<ServerData>(serverQuery('a').queryKey);

test('a changed node server is patched in the list and on its page, unknown fields left out', () => {
  const untouched = list()?.[1];
  patchCaches([event('nodeServers/a', { state: 'connected', connected: true, secret: 'x' })], client);
  expect(list()?.[0]).toEqual({ ...summary('a'), state: 'connected', connected: true });
  expect(list()?.[1]).toBe(untouched);
  expect(data()?.server.state).toBe('connected');
  expect(data()?.server).not.toHaveProperty('secret');
});

test('values of a batch are applied together, the last one wins', () => {
  const server = data()?.server;
  patchCaches(
    [
      event('nodeServers/a/nodes/n1/drivers/ST', { value: '1', uom: '2' }),
      event('nodeServers/a/nodes/n1/drivers/ST', { value: '0', uom: '2' }),
    ],
    client,
  );
  expect(data()?.nodes.byAddress.get('n1')?.drivers.ST).toEqual({ value: '0', uom: '2', changedAt: at });
  expect(data()?.server).toBe(server);
});

test('a removed node server leaves the list', () => {
  patchCaches([event('nodeServers/a', {}, 'DELETION')], client);
  expect(list()?.map(({ id }) => id)).toEqual(['b']);
});

test('what events only announce is fetched again, once for many', () => {
  const invalidate = vi.spyOn(client, 'invalidateQueries');
  patchCaches(
    [
      event('nodeServers/a/notices/k1'),
      event('nodeServers/a/notices/k2'),
      event('nodeServers/c', { state: 'stopped' }, 'INSERTION'),
      event('nodeServers/a/nodes/new', { name: 'New' }, 'INSERTION'),
    ],
    client,
  );
  vi.runAllTimers();
  const keys = invalidate.mock.calls.map(([filter]) => filter?.queryKey);
  expect(keys).toContainEqual(noticesQuery('a').queryKey);
  expect(keys).toContainEqual(listQuery.queryKey);
  expect(keys).toContainEqual(serverQuery('a').queryKey);
  expect(keys.filter((key) => key?.[0] === 'node-server-notices')).toHaveLength(1);
});

test('an installation is followed on its page, and another release fetches what came with it', () => {
  const invalidate = vi.spyOn(client, 'invalidateQueries');
  const installation = { kind: 'update', state: 'trial', reason: '', steps: [] };
  client.setQueryData<ServerData>(
    serverQuery('a').queryKey,
    (before) => before && { ...before, server: { ...before.server, installation: null, installed: null } },
  );
  patchCaches([event('nodeServers/a', { installation })], client);
  vi.runAllTimers();
  expect(data()?.server.installation).toEqual(installation);
  expect(list()?.[0]).not.toHaveProperty('installation');
  expect(invalidate).not.toHaveBeenCalled();
  patchCaches([event('nodeServers/a', { installed: { number: 2 }, version: '2' })], client);
  vi.runAllTimers();
  expect(data()?.server.installed).toEqual({ number: 2 });
  expect(invalidate).toHaveBeenCalledWith({ queryKey: serverQuery('a').queryKey });
});

test('a change that comes while the page is fetched is not taken back by an older answer', () => {
  const invalidate = vi.spyOn(client, 'invalidateQueries');
  vi.spyOn(client, 'isFetching').mockReturnValue(1);
  patchCaches([event('nodeServers/a', { state: 'connected' })], client);
  vi.runAllTimers();
  expect(invalidate).toHaveBeenCalledWith({ queryKey: serverQuery('a').queryKey });
});

test('nor by the first answer of all, while there is nothing to change yet', () => {
  const invalidate = vi.spyOn(client, 'invalidateQueries');
  client.removeQueries({ queryKey: serverQuery('a').queryKey });
  patchCaches([event('nodeServers/a', { state: 'connected' })], client);
  vi.runAllTimers();
  expect(invalidate).not.toHaveBeenCalled();
  vi.spyOn(client, 'isFetching').mockReturnValue(1);
  patchCaches([event('nodeServers/a', { state: 'connected' })], client);
  vi.runAllTimers();
  expect(invalidate).toHaveBeenCalledWith({ queryKey: serverQuery('a').queryKey });
});
