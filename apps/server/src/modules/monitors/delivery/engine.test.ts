import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { lastingPlace, startService, type TestService } from '../../../testing/service.js';
import { type MonitorRecord, type PushSession, placeAfter } from '../types.js';
import { moveBack } from './store.js';
import { adminOf, happen, KeepingSink, newMonitor, numbersOf } from './testing.js';

let service: TestService;
let next = 1;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.close());

/** Numbers that no other test uses. */
const numbers = (count: number): number[] => Array.from({ length: count }, () => next++);
const WINDOW = { blocks: 8, bytes: 1_000_000 };

/** Connects a peer; without acknowledgement what it is sent counts as delivered at once. */
async function connect(
  monitor: MonitorRecord,
  { app } = service,
  window = WINDOW,
): Promise<{ sink: KeepingSink; session: PushSession }> {
  const sink = new KeepingSink();
  const session = await app.monitors.open(monitor, sink, { peer: '127.0.0.1:1', window });
  if (monitor.ackOption === 'off') sink.onBlock = ({ blockId }) => void session.delivered(blockId);
  return { sink, session };
}

const rowsOf = (table: string, monitorId: number, { app } = service): Promise<Record<string, string>[]> =>
  app.database.pool
    .query(`SELECT * FROM ${table} WHERE monitor_id = $1 ORDER BY 2`, [monitorId])
    .then(({ rows }) => rows);

test('what happens is sent, in order, in batches, and only while somebody is connected', async () => {
  const monitor = await newMonitor(service.app, { batchSize: 4 });
  await happen(service.app, ...numbers(3));
  const { sink, session } = await connect(monitor);
  const sent = numbers(10);
  await happen(service.app, ...sent);
  await sink.events(10);
  expect(sink.numbers).toEqual(sent);
  expect(sink.blocks.map(({ count }) => count)).toEqual([4, 4, 2]);
  expect(sink.blocks.map(({ blockId }) => blockId)).toEqual([1, 2, 3]);
  await session.close();
  expect(await rowsOf('monitor_progress', monitor.id)).toMatchObject([
    { sent_events: '10', sent_blocks: '3', next_seq: '4', next_block_id: 4 },
  ]);
  expect(await rowsOf('monitor_blocks', monitor.id)).toMatchObject([
    { seq: '1', state: 'delivered' },
    { seq: '2', state: 'delivered' },
    { seq: '3', state: 'delivered' },
  ]);
  expect(await rowsOf('monitor_sessions', monitor.id)).toEqual([]);
});

test('events wait for more until the duration is over', async () => {
  const monitor = await newMonitor(service.app, { batchSize: 100, batchDuration: 1 });
  const { sink, session } = await connect(monitor);
  const [first, second] = [numbers(1), numbers(2)];
  const begun = performance.now();
  await happen(service.app, ...first);
  await happen(service.app, ...second);
  await sink.count(1);
  expect(performance.now() - begun).toBeGreaterThan(900);
  expect(sink.numbers).toEqual([...first, ...second]);
  await session.close();
});

test('blocks that nobody keeps are shown a hundred monitors a second, in the end of all of them', async () => {
  const monitors = await Promise.all(numbers(120).map((_) => newMonitor(service.app)));
  const ids = monitors.map(({ id }) => id);
  const peers = await Promise.all(monitors.map((monitor) => connect(monitor)));
  await happen(service.app, ...numbers(1));
  await Promise.all(peers.map(({ sink }) => sink.events(1)));
  const counts: number[] = [];
  await vi.waitFor(
    async () => {
      const shown = await service.app.database.prisma.monitorBlock.count({
        where: { monitorId: { in: ids } },
      });
      if (shown > 0 && shown !== counts.at(-1)) counts.push(shown);
      expect(shown).toBe(120);
    },
    { timeout: 10_000, interval: 20 },
  );
  expect(counts[0]).toBeLessThanOrEqual(100);
  await Promise.all(peers.map(({ session }) => session.close()));
});

test('with replay it goes on where it was, without a gap, while more happens', async () => {
  const monitor = await newMonitor(service.app, { autoReplayOnConnect: true });
  const missed = numbers(700);
  await happen(service.app, ...missed);
  const { sink, session } = await connect(monitor);
  const meanwhile = numbers(40);
  for (const n of meanwhile) await happen(service.app, n);
  await sink.events(740);
  expect(sink.numbers).toEqual([...missed, ...meanwhile]);
  await session.close();
  const later = numbers(2);
  await happen(service.app, ...later);
  const again = await connect(monitor);
  await again.sink.events(2);
  expect(again.sink.numbers).toEqual(later);
  await again.session.close();
});

test('the window bounds what is out; who does not read costs nothing and loses nothing', async () => {
  const monitor = await newMonitor(service.app, { ackOption: 'explicit' });
  const { sink, session } = await connect(monitor, service, { blocks: 2, bytes: 1_000_000 });
  const sent = numbers(1500);
  await happen(service.app, ...sent);
  await sink.count(2);
  expect(session.delivered(77)).toBe(false);
  expect(sink.blocks).toHaveLength(2);
  sink.onBlock = ({ blockId }) => expect(session.delivered(blockId)).toBe(true);
  for (const { blockId } of [...sink.blocks]) session.delivered(blockId);
  await sink.events(1500);
  expect(sink.numbers).toEqual(sent);
  await session.close();
});

test('blocks that were not acknowledged come again with their ids and events, the others do not', async () => {
  const monitor = await newMonitor(service.app, { ackOption: 'explicit', batchSize: 3 });
  const first = await connect(monitor);
  const sent = numbers(9);
  await happen(service.app, ...sent);
  await first.sink.count(3);
  first.session.delivered(2);
  await first.session.close();
  expect(first.session.delivered(1)).toBe(false);
  const more = numbers(3);
  await happen(service.app, ...more);
  const second = await connect(monitor);
  await second.sink.count(3);
  expect(second.sink.blocks.map(({ blockId }) => blockId)).toEqual([1, 3, 4]);
  expect(second.sink.blocks.map(numbersOf)).toEqual([sent.slice(0, 3), sent.slice(6), more]);
  expect(second.sink.blocks.map(({ attempts }) => attempts)).toEqual([1, 1, 0]);
  for (const { blockId } of second.sink.blocks) expect(second.session.delivered(blockId)).toBe(true);
  await second.session.close();
  expect(
    (await rowsOf('monitor_blocks', monitor.id)).map(({ state, attempts }) => [state, attempts]),
  ).toEqual([
    ['delivered', 2],
    ['delivered', 1],
    ['delivered', 2],
    ['delivered', 1],
  ]);
  const third = await connect(monitor);
  const last = numbers(1);
  await happen(service.app, ...last);
  await third.sink.count(1);
  expect(third.sink.numbers).toEqual(last);
  await third.session.close();
});

test('a block that comes again is the same to the byte, though the log keeps names in another order', async () => {
  const { app } = service;
  const { userId: ownerId } = await adminOf(app);
  const monitor = await newMonitor(app, { ackOption: 'explicit' });
  const first = await connect(monitor);
  const payload = { zulu: [{ long: 1, b: { yy: 2, x: 3 } }], a: null };
  await app.events.transaction(async (_tx, record) =>
    record({ topic: `tests/${next++}`, operation: 'UPDATE', ownerId, payload }),
  );
  await first.sink.count(1);
  await first.session.close();
  const second = await connect(monitor);
  await second.sink.count(1);
  expect(String(second.sink.blocks[0]?.payload)).toBe(String(first.sink.blocks[0]?.payload));
  await second.session.close();
});

test('a block whose events are gone from the log is skipped', async () => {
  const monitor = await newMonitor(service.app, { ackOption: 'explicit' });
  const first = await connect(monitor);
  const [gone, kept] = [next++, next++];
  await happen(service.app, gone, kept);
  await first.sink.count(2);
  await first.session.close();
  await service.app.database.pool.query('DELETE FROM events WHERE topic = $1', [`tests/${gone}`]);
  const second = await connect(monitor);
  await second.sink.count(1);
  expect(second.sink.numbers).toEqual([kept]);
  await second.session.close();
});

test('a second session takes over, and a runner that wants a free one is refused', async () => {
  const monitor = await newMonitor(service.app, { ackOption: 'explicit' });
  const first = await connect(monitor);
  await happen(service.app, ...numbers(1));
  await first.sink.count(1);
  await expect(
    service.app.monitors.open(monitor, new KeepingSink(), { peer: '', window: WINDOW, ifFree: true }),
  ).rejects.toMatchObject({ code: 'monitorHeld' });
  const second = await connect(monitor);
  expect(first.sink.ended).toBe('takenOver');
  await second.sink.count(1);
  expect(second.sink.blocks[0]?.blockId).toBe(1);
  await second.session.close();
});

test('what ends a monitor ends its session', async () => {
  const { app } = service;
  const { userId: ownerId } = await adminOf(app);
  const changed = await newMonitor(app, { ackOption: 'explicit' });
  const one = await connect(changed);
  await happen(app, ...numbers(1));
  await one.sink.count(1);
  const tell = (id: number, operation: 'UPDATE' | 'DELETION', payload = {}): Promise<void> =>
    app.events.transaction(async (_tx, record) =>
      record({ topic: `monitors/${id}`, operation, ownerId, payload }),
    );
  await tell(changed.id, 'UPDATE', { batchSize: 2 });
  expect(await one.sink.over()).toBe('changed');
  await one.session.close();
  expect(await rowsOf('monitor_blocks', changed.id)).toEqual([]);
  // What was not acknowledged comes in a new block.
  const again = await connect({ ...changed, batchSize: 2 });
  await again.sink.count(1);
  expect(again.sink.blocks[0]?.blockId).toBe(2);
  const deleted = await newMonitor(app);
  const two = await connect(deleted);
  await app.database.prisma.monitor.delete({ where: { id: deleted.id } });
  await tell(deleted.id, 'DELETION');
  expect(await two.sink.over()).toBe('deleted');
  await expect(connect(deleted)).rejects.toMatchObject({ code: 'noSuchMonitor' });
  await again.session.close();
});

test('a replay sends again what was, to who is connected and to who connects next', async () => {
  const { app } = service;
  const monitor = await newMonitor(app);
  const { sink, session } = await connect(monitor);
  const begin = placeAfter(app.events.last);
  const sent = numbers(5);
  await happen(app, ...sent);
  await sink.events(5);
  await app.monitors.replay(monitor, begin);
  await sink.events(10);
  const later = numbers(1);
  await happen(app, ...later);
  await sink.events(11);
  expect(sink.numbers).toEqual([...sent, ...sent, ...later]);
  await session.close();
  await app.monitors.replay(monitor, begin);
  const again = await connect(monitor);
  await again.sink.events(6);
  expect(again.sink.numbers).toEqual([...sent, ...later]);
  await again.session.close();
});

test.each(['off', 'explicit'] as const)(
  'a replay is not undone by a session that has not heard of it when it ends (acknowledgement %s)',
  async (ackOption) => {
    const { app } = service;
    const monitor = await newMonitor(app, { ackOption, autoReplayOnConnect: true });
    const { sink, session } = await connect(monitor);
    sink.onBlock = ({ blockId }) => void session.delivered(blockId);
    const begin = placeAfter(app.events.last);
    const sent = numbers(5);
    await happen(app, ...sent);
    await sink.events(5);
    // Committed, and its event not announced yet.
    await app.database.sql((client) => moveBack(client, monitor.id, begin));
    const late = numbers(2);
    sink.onBlock = () => undefined;
    await happen(app, ...late);
    await sink.events(7);
    await session.close();
    const again = await connect(monitor);
    await again.sink.events(7);
    expect(again.sink.numbers).toEqual([...sent, ...late]);
    await again.session.close();
  },
);

test('after a kill and a replay no block has the id of a void one, and blocks come again as they were', async () => {
  const { app } = service;
  const { pool } = app.database;
  const monitor = await newMonitor(app, { ackOption: 'explicit', batchSize: 2 });
  const begin = placeAfter(app.events.last);
  const { rows: before } = await pool.query('SELECT * FROM monitor_progress WHERE monitor_id = $1', [
    monitor.id,
  ]);
  /** A killed process has not noted where it was. */
  const forget = () =>
    pool.query('UPDATE monitor_progress SET next_seq = $2, next_block_id = $3 WHERE monitor_id = $1', [
      monitor.id,
      before[0].next_seq,
      before[0].next_block_id,
    ]);
  const sent = numbers(6);
  const first = await connect(monitor);
  await happen(app, ...sent);
  await first.sink.count(3);
  await first.session.close();
  await forget();
  await app.monitors.replay(monitor, begin);
  const second = await connect(monitor);
  await second.sink.count(3);
  expect(second.sink.blocks.map(({ blockId }) => blockId)).toEqual([4, 5, 6]);
  await second.session.close();
  await forget();
  const third = await connect(monitor);
  await third.sink.count(3);
  const shape = ({ blockId, seq, payload }: (typeof third.sink.blocks)[0]) => [blockId, seq, String(payload)];
  expect(third.sink.blocks.map(shape)).toEqual(second.sink.blocks.map(shape));
  expect(third.sink.numbers).toEqual(sent);
  await third.session.close();
});

test('a test event is sent to its monitor alone', async () => {
  const { app } = service;
  const { userId: ownerId } = await adminOf(app);
  const [one, other] = [await newMonitor(app), await newMonitor(app)];
  const [tested, quiet] = [await connect(one), await connect(other)];
  await app.events.transaction(async (_tx, record) =>
    record({ topic: `monitors/${one.id}/test`, operation: 'INSERTION', ownerId, payload: {} }),
  );
  await tested.sink.count(1);
  const after = numbers(1);
  await happen(app, ...after);
  await quiet.sink.count(1);
  expect(quiet.sink.numbers).toEqual(after);
  for (const { session } of [tested, quiet]) await session.close();
});

test('the database away: blocks wait, nothing is lost, the session stays', async () => {
  const { app } = service;
  const monitor = await newMonitor(app, { ackOption: 'explicit' });
  const { sink, session } = await connect(monitor);
  const sent = numbers(30);
  sink.onBlock = ({ blockId }) => void session.delivered(blockId);
  for (const n of sent) {
    await happen(app, n);
    if (n % 7 === 0)
      await app.database.pool
        .query(
          'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()',
        )
        .catch(() => undefined);
  }
  await sink.events(30);
  expect(sink.ended).toBeUndefined();
  expect(sink.numbers).toEqual(sent);
  await session.close();
});

test('killed and opened again: nothing that was not acknowledged is lost, and the dead session is swept', async () => {
  const place = await lastingPlace();
  const one = await startService(place.env);
  const monitor = await newMonitor(one.app, { ackOption: 'explicit', batchSize: 2 });
  const quiet = await newMonitor(one.app);
  const first = await connect(monitor, one);
  await connect(quiet, one);
  const sent = numbers(12);
  await happen(one.app, ...sent);
  await first.sink.count(6);
  first.session.delivered(1);
  first.session.delivered(4);
  // The acknowledgements are on the disk, and then nothing of this process is any more.
  await expect
    .poll(() =>
      rowsOf('monitor_blocks', monitor.id, one).then(
        (rows) => rows.filter(({ state }) => state === 'delivered').length,
      ),
    )
    .toBe(2);
  await one.app.database.pool.query(
    "UPDATE monitor_sessions SET seen_at = now() - interval '61 s' WHERE monitor_id = $1",
    [quiet.id],
  );
  const two = await startService(place.env);
  const second = await connect(
    (await two.app.monitors.find(monitor.ownerId, monitor.id)) as MonitorRecord,
    two,
  );
  expect(await first.sink.over()).toBe('takenOver');
  await second.sink.count(4);
  expect(second.sink.blocks.map(({ blockId }) => blockId)).toEqual([2, 3, 5, 6]);
  expect(second.sink.numbers).toEqual([...sent.slice(2, 6), ...sent.slice(8)]);
  const more = numbers(2);
  await happen(two.app, ...more);
  await second.sink.count(5);
  expect(second.sink.blocks.at(-1)?.blockId).toBe(7);
  await expect.poll(() => rowsOf('monitor_sessions', quiet.id, two)).toEqual([]);
  await two.close();
  expect(second.sink.ended).toBe('closing');
  await one.close();
  await place.remove();
}, 30_000);

test('with a database of its own a service that was killed leaves no sessions: HTTP goes on at once', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'pr-data-'));
  const env = { DATABASE_URL: '', DATA_DIR: dataDir, ALLOW_PRIVATE_URLS: 'true' };
  const one = await startService(env);
  const tcp = await newMonitor(one.app, { ackOption: 'explicit' });
  const http = await newMonitor(one.app, { transportType: 'http', transportUrl: 'http://127.0.0.1:9/' });
  // As a process leaves them that ends without a word.
  await one.app.monitors.http.stop();
  await one.app.database.pool.query(
    `INSERT INTO monitor_sessions (monitor_id, id) SELECT unnest($1::int[]), gen_random_uuid()
     ON CONFLICT (monitor_id) DO UPDATE SET id = excluded.id, seen_at = now()`,
    [[tcp.id, http.id]],
  );
  await one.close();
  const two = await startService(env);
  expect(await rowsOf('monitor_sessions', tcp.id, two)).toEqual([]);
  expect((await two.app.monitors.status([tcp.id])).get(tcp.id)?.status).toBe('SUSPENDED');
  await two.app.monitors.http.look();
  expect(two.app.monitors.http.running).toBe(1);
  await two.close();
  await rm(dataDir, { recursive: true, force: true });
}, 60_000);
