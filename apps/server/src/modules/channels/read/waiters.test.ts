import { afterAll, beforeAll, expect, test } from 'vitest';
import { message, newChannel } from '../../../testing/channels.js';
import { startService, type TestService } from '../../../testing/service.js';

let service: TestService;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.close());

test('thousands wake at the commit, and those that read the same cost one query', async () => {
  const { channels, database } = service.app;
  const channel = await newChannel(service);
  let queries = 0;
  const query = database.pool.query.bind(database.pool);
  const spied = (...values: Parameters<typeof query>) => {
    if ((values[0] as { name?: string }).name === 'channel-read-text') queries++;
    return query(...values);
  };
  Object.assign(database.pool, { query: spied });
  const waits = Array.from({ length: 3000 }, async () => {
    expect(await channels.wait(channel.id, 0, 30_000)).toBe(true);
    return channels.readText(channel, { from: 0, limitCount: 10, limitSize: 1e6 });
  });
  expect(channels.waiters.count).toBe(3000);
  await channels.append(channel, [message(1)]);
  const pages = await Promise.all(waits);
  Object.assign(database.pool, { query });
  expect(new Set(pages.map(({ text }) => text))).toEqual(new Set([message(1).json]));
  expect(queries).toBeLessThan(5);
  expect(channels.waiters.count).toBe(0);
});

test('a wait ends at once where the message was announced before, and not for one with a smaller key', async () => {
  const { channels } = service.app;
  const channel = await newChannel(service);
  await channels.append(channel, [message(1), message(2)]);
  expect(await channels.wait(channel.id, 1, 30_000)).toBe(true);
  const next = channels.wait(channel.id, 3, 30_000);
  await channels.append(channel, [message(3)]);
  expect(channels.waiters.count).toBe(1);
  await channels.append(channel, [message(4)]);
  expect(await next).toBe(true);
});

test('a wait ends with its time, with its caller, with its channel and with the service', async () => {
  const other = await startService();
  const { channels } = other.app;
  const channel = await newChannel(other);
  const begun = performance.now();
  expect(await channels.wait(channel.id, 0, 150)).toBe(false);
  // Timers count whole milliseconds.
  expect(performance.now() - begun).toBeGreaterThan(148);

  const left = new AbortController();
  const waiting = channels.wait(channel.id, 0, 30_000, left.signal);
  left.abort();
  expect(await waiting).toBe(false);
  expect(channels.waiters.count).toBe(0);
  expect(await channels.wait(channel.id, 0, 30_000, left.signal)).toBe(false);

  const gone = await newChannel(other);
  const orphaned = channels.wait(gone.id, 0, 30_000);
  await other.call('DELETE', `/api/channels/${gone.id}`, { status: 204 });
  expect(await orphaned).toBe(true);
  await expect(channels.read(gone, { from: 0, limitCount: 1, limitSize: 1 })).rejects.toThrow(
    'does not exist',
  );

  const last = channels.wait(channel.id, 0, 30_000);
  await other.close();
  expect(await last).toBe(false);
  expect(await channels.wait(channel.id, 0, 30_000)).toBe(false);
});
