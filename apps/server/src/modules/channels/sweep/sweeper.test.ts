import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { message, newChannel } from '../../../testing/channels.js';
import { startService, type TestService } from '../../../testing/service.js';
import type { ChannelRef } from '../refs.js';
import { Marks } from './marks.js';
import { Sweeper } from './sweeper.js';

let service: TestService;
let sweeper: Sweeper;
beforeAll(async () => {
  service = await startService();
  sweeper = new Sweeper(service.app);
});
afterAll(async () => {
  await sweeper.close();
  await service.close();
});

const append = (channel: ChannelRef, count: number) =>
  service.app.channels.append(
    channel,
    Array.from({ length: count }, (_, i) => message(i)),
  );
const rowsOf = async ({ id }: ChannelRef): Promise<number> =>
  service.app.database.prisma.channelMessage.count({ where: { channelId: id } });

test('what is deleted cannot be seen at once, and its rows go', async () => {
  const { channels } = service.app;
  const channel = await newChannel(service);
  await append(channel, 5000);
  expect(await channels.deleteBelow(channel, 4990)).toBe(4990);
  expect(await channels.deleteBelow(channel, 10)).toBe(4990);
  const page = await channels.read(channel, { from: 0, limitCount: 3, limitSize: 1e6 });
  expect(page).toMatchObject({ nextKey: 4993, lastKey: 4999, bounds: { firstKey: 4990, nextKey: 5000 } });
  expect(page.messages.map(({ key }) => key)).toEqual([4990, 4991, 4992]);
  expect(await rowsOf(channel)).toBe(5000);
  await sweeper.sweep();
  expect(await rowsOf(channel)).toBe(10);
  const bytes = page.messages.reduce((sum, { bytes }) => sum + bytes, 0);
  expect(await channels.load(channel)).toMatchObject({ messages: 10, messagesSize: (bytes / 3) * 10 });

  expect(await channels.deleteBelow(channel, 1e15)).toBe(5000);
  expect(await channels.load(channel)).toMatchObject({ messages: 0, messagesSize: 0, nextKey: 5000 });
  expect(await append(channel, 1)).toMatchObject({ firstKey: 5000 });
  await sweeper.sweep();
  expect(await rowsOf(channel)).toBe(1);
});

test('messages go when they were kept long enough', async () => {
  const { channels, database } = service.app;
  const [short, none] = [
    await newChannel(service, { messagesTtl: 60 }),
    await newChannel(service, { messagesTtl: 0 }),
  ];
  await append(short, 100);
  await append(none, 3);
  await database.pool.query(
    "UPDATE channel_messages SET at = now() - interval '61 seconds' WHERE channel_id = $1 AND key < 37",
    [short.id],
  );
  await sweeper.sweep();
  expect(await channels.bounds(short)).toEqual({ firstKey: 37, nextKey: 100 });
  expect(await rowsOf(short)).toBe(63);
  expect(await channels.bounds(none)).toEqual({ firstKey: 3, nextKey: 3 });
});

test('a channel with nothing to delete costs no write', async () => {
  const { pool } = service.app.database;
  const channel = await newChannel(service);
  await append(channel, 10);
  const version = async () =>
    (await pool.query('SELECT xmin, ctid FROM channel_tails WHERE channel_id = $1', [channel.id])).rows;
  const before = await version();
  await sweeper.sweep();
  expect(await version()).toEqual(before);
});

test('counts and readers that are too old go, and so do readers beyond those that are listed', async () => {
  const { pool, prisma } = service.app.database;
  const channel = await newChannel(service);
  await pool.query(
    `INSERT INTO channel_minutes SELECT $1, date_trunc('minute', now()) - make_interval(days => d), 1
     FROM generate_series(0, 40) AS d`,
    [channel.id],
  );
  await pool.query(
    `INSERT INTO channel_readers (channel_id, credential, agent, name, curr_key, last_read_at)
     SELECT $1, gen_random_uuid(), 'agent ' || n, 'reader', 0, now() - make_interval(mins => n)
     FROM generate_series(1, 250) AS n`,
    [channel.id],
  );
  await pool.query(
    "UPDATE channel_readers SET last_read_at = now() - interval '40 days' WHERE channel_id = $1 AND agent = 'agent 7'",
    [channel.id],
  );
  const other = new Sweeper(service.app);
  await other.sweep();
  await other.close();
  expect(await prisma.channelMinute.count({ where: { channelId: channel.id } })).toBe(32);
  const agents = (await prisma.channelReader.findMany({ where: { channelId: channel.id } })).map(
    ({ agent }) => agent,
  );
  expect(agents).toHaveLength(200);
  expect(agents).toContain('agent 201');
  expect(agents).not.toContain('agent 7');
});

describe('while the clock jumps', () => {
  test('keys go on, times do not go back, and nothing that can be seen is skipped', async () => {
    const { channels, database } = service.app;
    const channel = await newChannel(service, { messagesTtl: 60 });
    await append(channel, 1);
    // As if the clock had been two hours ahead.
    await database.pool.query(
      "UPDATE channel_heads SET last_at = now() + interval '2 hours' WHERE channel_id = $1",
      [channel.id],
    );
    await append(channel, 2);
    const { messages } = await channels.read(channel, { from: 0, limitCount: 10, limitSize: 1e6 });
    expect(messages.map(({ key }) => key)).toEqual([0, 1, 2]);
    expect(messages[2]?.at.getTime()).toBeGreaterThan(Date.now() + 7_000_000);
  });

  test('messages expire by the clock that does not jump', () => {
    const marks = new Marks();
    const ttl = 64_000;
    for (let second = 0; second <= 300; second++) marks.note(1, second, ttl, second * 1000);
    expect(marks.expiredBelow(1, ttl, 300_000)).toBe(236);
    expect(marks.expiredBelow(1, ttl, 299_999)).toBe(235);
    expect(marks.expiredBelow(1, 400_000, 300_000)).toBe(0);
    expect(marks.expiredBelow(2, 0, 300_000)).toBe(0);
    // Nothing more comes: all goes in the end.
    for (let second = 301; second <= 400; second++) marks.note(1, 300, ttl, second * 1000);
    expect(marks.expiredBelow(1, ttl, 400_000)).toBe(300);
    marks.keepOnly(new Set());
    expect(marks.expiredBelow(1, ttl, 400_000)).toBe(0);
  });
});

test('rows of channels that are no more go, also of those that went with their owner', async () => {
  const { prisma } = service.app.database;
  const [kept, deleted, owned] = [
    await newChannel(service),
    await newChannel(service),
    await newChannel(service),
  ];
  for (const channel of [kept, deleted, owned]) await append(channel, 2500);
  const owner = await prisma.user.create({ data: { email: 'owner@example.org' } });
  await prisma.channel.update({ where: { id: owned.id }, data: { ownerId: owner.id } });
  await service.call('DELETE', `/api/users/${owner.id}`, { status: 204 });
  await service.call('DELETE', `/api/channels/${deleted.id}`, { status: 204 });
  await sweeper.sweep();
  expect(await rowsOf(deleted)).toBe(0);
  expect(await rowsOf(owned)).toBe(0);
  expect(await rowsOf(kept)).toBe(2500);
  await expect(append(owned, 1)).rejects.toThrow('does not exist');
});
