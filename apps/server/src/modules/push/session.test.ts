import { MonitorSettings } from '@polyrelay/contract';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { PushPeer } from '../../testing/push-client.js';
import { ADMIN, startService, type TestService } from '../../testing/service.js';
import type { MonitorRecord } from './ports.js';

let service: TestService;
let ownerId: string;
beforeAll(async () => {
  service = await startService();
  ownerId = await userId(ADMIN.email);
});
afterAll(() => service.close());

const userId = async (email: string): Promise<string> =>
  (await service.app.database.prisma.user.findUniqueOrThrow({ where: { email } })).id;

type Settings = Partial<Parameters<typeof MonitorSettings.parse>[0] & object>;

/** A monitor of everything that the test records, which sends each event at once. */
const makeMonitor = (settings: Settings = {}, owner = { userId: ownerId, email: ADMIN.email }) =>
  service.app.monitors.create(
    owner,
    MonitorSettings.parse({ topic: 'Event/tests', batchSize: 1, batchDuration: 0, ...settings }),
  );

/** Something that happens. */
const happen = (...names: (string | number)[]): Promise<unknown> =>
  service.app.events.transaction(async (_tx, record) => {
    for (const name of names)
      record({ topic: `tests/${name}`, operation: 'UPDATE', ownerId, payload: { name } });
  });

async function connect(
  { id }: Pick<MonitorRecord, 'id'>,
  { tls = false, email = ADMIN.email, password = ADMIN.password } = {},
): Promise<PushPeer> {
  const { push, authority } = service.app;
  const peer = tls ? new PushPeer(push.tlsPort, authority.caPem) : new PushPeer(push.port);
  expect(await peer.signIn({ username: email, password, monitorId: id })).toBe(200);
  return peer;
}

const names = (peer: PushPeer): string[] =>
  peer.messages.map(({ topic }) => topic.slice(topic.lastIndexOf('/') + 1));
const numbered = (count: number, from = 1): string[] =>
  Array.from({ length: count }, (_, i) => String(from + i));

describe.each([
  ['without encryption', false],
  ['over TLS', true],
])('a session %s', (_, tls) => {
  test('begins with an answer of 10 bytes in a write of its own', async () => {
    const peer = await connect(await makeMonitor(), { tls });
    expect(peer.reads.map(({ length }) => length)).toEqual([10]);
    await peer.close();
  });

  test('gets each event as a frame, in order', async () => {
    const peer = await connect(await makeMonitor(), { tls });
    for (let i = 1; i <= 20; i++) await happen(i);
    await peer.until(() => peer.blocks.length === 20);
    expect(names(peer)).toEqual(numbered(20));
    expect(peer.blocks.map(({ blockId }) => blockId)).toEqual(numbered(20).map(Number));
    expect(peer.blocks[0]).toMatchObject({ count: 1, format: 'json', compression: 'none' });
    if (tls) expect(peer.reads.length).toBe(21);
    await peer.close();
  });

  test('gets batches, compressed', async () => {
    const settings = { batchSize: 100, batchDuration: 1, compression: 'zlib' as const };
    const peer = await connect(await makeMonitor(settings), { tls });
    await happen(...numbered(150));
    await peer.until(() => peer.blocks.length === 2);
    expect(peer.blocks.map(({ count, compression }) => ({ count, compression }))).toEqual([
      { count: 100, compression: 'zlib' },
      { count: 50, compression: 'zlib' },
    ]);
    expect(names(peer)).toEqual(numbered(150));
    await peer.close();
  });
});

test('XML goes out as such', async () => {
  const peer = await connect(await makeMonitor({ formatType: 'xml' }));
  await happen('xml');
  await peer.until(() => peer.blocks.length === 1);
  expect(peer.blocks[0]?.format).toBe('xml');
  expect(Buffer.from(peer.blocks[0]?.payload ?? []).toString()).toContain('/Event/tests/xml</topic>');
  await peer.close();
});

test('blocks that were not acknowledged come again with the same ids and events, through forty cuts', async () => {
  const CUTS = 40;
  const EVENTS = CUTS + 20;
  const monitor = await makeMonitor({ ackOption: 'explicit' });
  await happen(...numbered(EVENTS));
  const seen = new Map<number, string>();
  const acknowledged: string[] = [];
  const noted = async (): Promise<number> => {
    const { rows } = await service.app.database.pool.query(
      `SELECT count(*)::int AS n FROM monitor_blocks WHERE monitor_id = $1 AND state = 'delivered'`,
      [monitor.id],
    );
    return rows[0].n;
  };
  for (let cut = 0; cut <= CUTS; cut++) {
    const peer = await connect(monitor);
    // One a cut, of the three that are looked at; in the end all that are left.
    const wanted = cut < CUTS ? 1 : EVENTS - CUTS;
    await peer.until(() => peer.blocks.length >= Math.max(3, wanted));
    for (const [i, { blockId }] of peer.blocks.entries()) {
      const name = names(peer)[i] ?? '';
      expect(seen.get(blockId) ?? name).toBe(name);
      seen.set(blockId, name);
    }
    for (const { blockId } of peer.blocks.slice(0, wanted)) {
      acknowledged.push(seen.get(blockId) ?? '');
      peer.acknowledge(blockId);
    }
    await expect.poll(noted, { interval: 5 }).toBe(acknowledged.length);
    peer.socket.resetAndDestroy();
    await peer.closed;
  }
  expect(acknowledged).toEqual(numbered(EVENTS));
  expect(seen.size).toBe(EVENTS);
}, 60_000);

test('a second session takes over from the first, and goes on where that was', async () => {
  const monitor = await makeMonitor({ autoReplayOnConnect: true });
  const first = await connect(monitor);
  await happen('a');
  await first.until(() => first.blocks.length === 1);
  const second = await connect(monitor);
  await first.closed;
  await happen('b');
  await second.until(() => second.blocks.length > 0);
  expect([names(first), names(second)]).toEqual([['a'], ['b']]);
  await second.close();
});

test('what is no acknowledgement ends the session; one of a block that was not sent does not', async () => {
  const monitor = await makeMonitor({ ackOption: 'explicit' });
  const peer = await connect(monitor);
  peer.acknowledge(4711).acknowledge(1, 500);
  await happen('still there');
  await peer.until(() => peer.blocks.length === 1);
  peer.send(Buffer.from('00030000000a', 'hex'));
  await peer.closed;
  const again = await connect(monitor);
  await again.until(() => again.blocks.length === 1);
  expect(names(again)).toEqual(['still there']);
  await again.close();
});

test('a monitor of a user gets nothing of others, and a session ends with its user', async () => {
  const body = { email: 'gone@example.org', name: '', role: 'member', password: 'a password of theirs' };
  const user = await service.call<{ id: string }>('POST', '/api/users', { body, status: 201 });
  const monitor = await makeMonitor({}, { userId: user.id, email: body.email });
  const peer = await connect(monitor, body);
  await happen('mine');
  await service.call('DELETE', `/api/users/${user.id}`, { status: 204 });
  await peer.closed;
  expect(peer.blocks).toEqual([]);
});

test('a session ends with the access token it was opened with', async () => {
  const { id, token } = await service.call<{ id: string; token: string }>('POST', '/api/access-tokens', {
    body: { name: 'push', expiresInDays: null, access: { kind: 'standard' } },
    status: 201,
  });
  const peer = await connect(await makeMonitor(), { password: token });
  const other = await connect(await makeMonitor());
  await service.call('DELETE', `/api/access-tokens/${id}`, { status: 204 });
  await peer.closed;
  await happen('other');
  await other.until(() => other.blocks.length === 1);
  await other.close();
});

describe('a reader that never reads', () => {
  let monitor: MonitorRecord;
  beforeEach(async () => {
    monitor = await makeMonitor({ ackOption: 'explicit' });
  });

  test('costs no more than its window, and holds nobody up', async () => {
    const peer = await connect(monitor);
    peer.socket.pause();
    const other = await connect(await makeMonitor());
    const large = 'x'.repeat(10_000);
    for (let i = 0; i < 100; i++)
      await service.app.events.transaction(async (_tx, record) => {
        record({ topic: `tests/${i}`, operation: 'UPDATE', ownerId, payload: { large } });
      });
    await other.until(() => other.blocks.length === 100);
    const { rows } = await service.app.database.pool.query(
      'SELECT sum(bytes)::int AS bytes FROM monitor_blocks WHERE monitor_id = $1',
      [monitor.id],
    );
    expect(rows[0].bytes).toBeLessThan(300_000);
    peer.socket.resume();
    await peer.until(() => peer.blocks.length >= 20);
    const acknowledged = new Set<number>();
    while (acknowledged.size < 100) {
      for (const { blockId } of peer.blocks)
        if (!acknowledged.has(blockId)) {
          acknowledged.add(blockId);
          peer.acknowledge(blockId);
        }
      const { length } = peer.blocks;
      if (length < 100) await peer.until(() => peer.blocks.length > length);
    }
    await Promise.all([peer.close(), other.close()]);
  });
});
