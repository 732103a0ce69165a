import { afterAll, beforeAll, expect, test } from 'vitest';
import { newChannel } from '../../testing/channels.js';
import { startService, type TestService } from '../../testing/service.js';

let service: TestService;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.close());

const messages = (...values: number[]) =>
  values.map((value) => {
    const json = JSON.stringify({ ident: 'a', timestamp: value, value });
    return { ident: 'a', timestamp: value, json, bytes: json.length };
  });

test('messages get keys without gaps, in their order, and each batch is one event', async () => {
  const { channels } = service.app;
  const channel = await newChannel(service);
  expect(await channels.append(channel, messages(5, 6))).toEqual({ firstKey: 0, lastKey: 1, count: 2 });
  expect(await channels.append(channel, messages(7))).toEqual({ firstKey: 2, lastKey: 2, count: 1 });
  const { messages: stored } = await channels.read(channel, { from: 1, limitCount: 10, limitSize: 1e6 });
  expect(stored.map(({ key, json }) => [key, JSON.parse(json).value])).toEqual([
    [1, 6],
    [2, 7],
  ]);
  const { items } = await service.call<{ items: unknown[] }>(
    'GET',
    `/api/events?after=0&limit=1000&topic=channels/${channel.id}/messages`,
  );
  expect(items).toMatchObject([
    { operation: 'INSERTION', payload: { firstKey: 0, lastKey: 1, count: 2 } },
    { payload: { firstKey: 2, lastKey: 2, count: 1 } },
  ]);
});
