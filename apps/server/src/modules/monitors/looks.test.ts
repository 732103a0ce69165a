import type {
  Monitor,
  MonitorBlockContent,
  MonitorBlockPage,
  MonitorPage,
  MonitorPreview,
  MonitorRequest,
  MonitorTemplateResult,
  MonitorTest,
} from '@polyrelay/contract';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { signIn, startService, type TestService } from '../../testing/service.js';
import { type BlockSink, placeAfter, placeOf } from './types.js';

const MEMBER = { email: 'member@example.org', password: 'member member', role: 'member' };

let service: TestService;
let ownerId: string;
let memberId: string;
let member: { cookie: string; origin: string };
beforeAll(async () => {
  service = await startService();
  ({ id: ownerId } = await service.app.database.prisma.user.findFirstOrThrow());
  ({ id: memberId } = await service.call<{ id: string }>('POST', '/api/users', {
    body: MEMBER,
    status: 201,
  }));
  member = { cookie: await signIn(service.url, MEMBER), origin: service.url };
});
afterAll(() => service.close());

/** Records facts below a topic of the log, numbered from 0. @returns their ids */
async function happen(name: string, count: number, owner = ownerId): Promise<number[]> {
  const facts = Array.from({ length: count }, (_, n) => ({
    topic: `${name}/${n}`,
    operation: 'UPDATE' as const,
    ownerId: owner,
    payload: { n },
  }));
  await service.app.events.transaction(async (_tx, record) => facts.forEach(record));
  const { rows } = await service.app.database.pool.query<{ id: string }>(
    'SELECT id FROM events WHERE topic LIKE $1 ORDER BY id DESC LIMIT $2',
    [`${name}/%`, count],
  );
  return rows.map(({ id }) => Number(id)).reverse();
}

const make = (body: MonitorRequest, headers = {}): Promise<Monitor> =>
  service.call<Monitor>('POST', '/api/monitors', { body, headers, status: 201 });

const setPlace = (id: number, place: number): Promise<unknown> =>
  service.app.database.pool.query('UPDATE monitor_progress SET place = $2 WHERE monitor_id = $1', [
    id,
    place,
  ]);

const placeNow = async (id: number): Promise<number> =>
  Number(
    (await service.app.database.pool.query('SELECT place FROM monitor_progress WHERE monitor_id = $1', [id]))
      .rows[0].place,
  );

describe('a preview', () => {
  const preview = (body: object, headers = {}): Promise<MonitorPreview> =>
    service.call<MonitorPreview>('POST', '/api/monitors/preview', { body, headers });
  const topics = ({ items }: MonitorPreview): string[] =>
    items.map(({ topic }) => topic.replace(/^\d+\/Event\//, ''));

  test('shows the latest events that topics match, newest first, and then what is new', async () => {
    const ids = await happen('seen', 5);
    await happen('unseen', 3);
    const first = await preview({ topic: 'DeviceCore,Event/seen', limit: 3 });
    expect(topics(first)).toEqual(['seen/4', 'seen/3', 'seen/2']);
    expect(first.items[0]).toMatchObject({ operation: 'UPDATE', group: '*', eventId: String(ids[4]) });
    expect(first.items[0]?.message).toMatchObject({ operation: 'UPDATE', topic: first.items[0]?.topic });
    expect(topics(await preview({ topic: 'Event/seen', after: first.last }))).toEqual([]);
    await happen('seen', 2);
    const next = await preview({ topic: 'Event/*/1', after: first.last });
    expect(topics(next)).toEqual(['seen/1']);
    expect(next.lookedAt).toBe(2);
    expect(topics(await preview({ topic: 'Event[D]/seen' }))).toEqual([]);
  });

  test('has each event as XML where it is asked for', async () => {
    await happen('written', 1);
    const [event] = (await preview({ topic: 'Event/written', formatType: 'xml' })).items;
    expect(event?.xml).toBe(
      `<?xml version="1.0" encoding="UTF-8"?><Document><Msg><topic>${event?.topic}</topic><operation>UPDATE</operation>` +
        `<timestamp>${event?.timestamp}</timestamp><group>*</group><Event><n>0</n></Event></Msg></Document>`,
    );
    const plain = await preview({ topic: 'Event/written' });
    expect(plain.items[0]).not.toHaveProperty('xml');
  });

  test('shows nothing of others, not even to an admin, and no test events', async () => {
    await happen('private', 1, memberId);
    const { id } = await make({ topic: 'Event/private' });
    await service.call('POST', `/api/monitors/${id}/test`, { status: 201 });
    expect(topics(await preview({ topic: 'Event/private,Event/monitors' }))).toEqual([]);
    expect(topics(await preview({ topic: 'Event/private' }, member))).toEqual(['private/0']);
  });

  test('looks at a bounded number of events, and says how far', async () => {
    const [first = 0] = await happen('early', 1);
    await service.app.database.pool.query(
      `INSERT INTO events (owner_id, topic, operation) SELECT $1, 'many/' || n, 'UPDATE' FROM generate_series(1, 6000) n`,
      [ownerId],
    );
    expect(topics(await preview({ topic: 'Event/early' }))).toEqual([]);
    let { last, lookedAt } = await preview({ topic: 'Event/many/6000', after: String(first) });
    expect(lookedAt).toBe(5000);
    const rest = await preview({ topic: 'Event/many/6000', after: last });
    ({ last, lookedAt } = rest);
    expect([topics(rest), lookedAt]).toEqual([['many/6000'], 1000]);
  });

  test.each([
    { topic: '' },
    { topic: 'Event,' },
    { topic: 'Event', limit: 0 },
    { topic: 'Event', limit: 101 },
    { topic: 'Event', after: 'x' },
    {},
  ])('of %o is refused', async (body) => {
    await service.call('POST', '/api/monitors/preview', { body, status: 400 });
  });

  test('from behind everything is empty', async () => {
    expect(await preview({ topic: 'Event', after: '9999999999999999999' })).toMatchObject({
      items: [],
      lookedAt: 0,
    });
  });
});

describe('a template', () => {
  const check = (body: object, status = 200): Promise<MonitorTemplateResult> =>
    service.call('POST', '/api/monitors/check-template', { body, status });

  test('is tried with the latest events that topics match', async () => {
    await happen('template', 3);
    const schemaData = '{{#each events}}<{{operation}}>{{/each}}';
    expect(await check({ topic: 'Event/template', schemaData })).toEqual({
      payload: '<UPDATE><UPDATE>',
      events: 2,
    });
    expect(await check({ topic: 'Event/nothing', schemaData })).toEqual({ payload: null, events: 0 });
  });

  test('that fails, or does too much, is refused with the reason', async () => {
    const schemaData = `${'{{#each @root.events}}'.repeat(20)}x${'{{/each}}'.repeat(20)}`;
    expect(await check({ topic: 'Event/template', schemaData }, 400)).toMatchObject({
      code: 'templateFails',
      errors: [{ path: 'schemaData' }],
    });
    await check({ topic: 'Event/template', schemaData: '{{> self}}' }, 400);
  });

  test('that cannot be read is refused with its line', async () => {
    const wrong: unknown = await check({ topic: 'Event', schemaData: 'a\nb {{#if}' }, 400);
    expect(wrong).toMatchObject({ detail: expect.stringMatching(/line 2/i) });
    await check({ topic: 'Event', schemaData: '' }, 400);
    await check({ topic: 'Nothing', schemaData: 'x' }, 400);
  });
});

describe('blocks', () => {
  test('are listed newest first, and shown with what was in them', async () => {
    const ids = await happen('blocks', 4);
    const { id } = await make({ topic: 'Event/blocks', ackOption: 'explicit', compression: 'zlib' });
    for (const [seq, [from = 0, to = 0], state] of [
      [1, [ids[0], ids[1]], 'delivered'],
      [2, [ids[2], ids[3]], 'sent'],
    ] as const)
      await service.app.database.pool.query(
        `INSERT INTO monitor_blocks (monitor_id, seq, block_id, first_place, last_place, events, bytes, state, attempts)
         VALUES ($1, $2::int, $2::int, $3, $4, 2, 99, $5, 3)`,
        [id, seq, placeOf(from, 0), placeAfter(to), state],
      );
    const page = (query = '') => service.call<MonitorBlockPage>('GET', `/api/monitors/${id}/blocks${query}`);
    expect(await page('?limit=1')).toMatchObject({
      items: [{ seq: 2, blockId: 2, events: 2, bytes: 99, state: 'sent', attempts: 3, error: null }],
      nextSeq: 2,
    });
    expect(await page('?limit=1&before=2')).toMatchObject({ items: [{ seq: 1 }], nextSeq: null });
    const block = (seq: number | string, status = 200) =>
      service.call<MonitorBlockContent>('GET', `/api/monitors/${id}/blocks/${seq}`, { status });
    const { Document } = JSON.parse((await block(1)).payload ?? '') as { Document: { Msg: unknown[] } };
    expect(Document.Msg).toMatchObject([{ Event: { n: 0 } }, { Event: { n: 1 } }]);
    await service.app.database.pool.query('DELETE FROM events WHERE id = $1', [ids[0]]);
    expect((await block(1)).payload).toBeNull();
    await block(3, 404);
    for (const seq of ['0', 'x', '9'.repeat(30)]) await block(seq, 400);
  });
});

describe('lag', () => {
  const lags = async (search: string): Promise<unknown[]> =>
    (await service.call<MonitorPage>('GET', `/api/monitors?search=${search}`)).items.map(({ lag }) => lag);

  test('is counted for those that keep their place, the same in lists and alone', async () => {
    const [first = 0] = await happen('lag', 3);
    const [kept, idle] = [
      await make({ topic: 'Event/lag', ackOption: 'explicit' }),
      await make({ topic: 'Event/lag' }),
    ];
    for (const { id } of [kept, idle]) await setPlace(id, placeAfter(first));
    const alone = async ({ id }: Monitor): Promise<unknown> =>
      (await service.call<Monitor>('GET', `/api/monitors/${id}`)).lag;
    expect(await lags('Event/lag')).toEqual([
      { events: 2, more: false },
      { events: 0, more: false },
    ]);
    expect([await alone(kept), await alone(idle)]).toEqual(await lags('Event/lag'));
    await service.call('POST', `/api/monitors/${kept.id}/test`, { status: 201 });
    expect(await lags('Event/lag')).toMatchObject([{ events: 3 }, { events: 0 }]);
    expect(await alone(kept)).toMatchObject({ events: 3 });
  });

  test('is nothing for one that was given up, which is not sent what happens meanwhile', async () => {
    const { pool } = service.app.database;
    const [first = 0] = await happen('lost', 3);
    const { id } = await make({ topic: 'Event/lost' });
    await setPlace(id, placeAfter(first));
    // As if it had been one from the start: nobody sends for it here.
    await pool.query("UPDATE monitors SET transport_type = 'http' WHERE id = $1", [id]);
    expect(await lags('Event/lost')).toEqual([{ events: 2, more: false }]);
    await pool.query('UPDATE monitor_progress SET disabled = true WHERE monitor_id = $1', [id]);
    const given = await service.call<Monitor>('GET', `/api/monitors/${id}`);
    expect([given.status, given.lag]).toEqual(['DISABLED', { events: 0, more: false }]);
    expect(await lags('Event/lost')).toEqual([{ events: 0, more: false }]);
  });

  test('is counted up to a bound', async () => {
    const { pool } = service.app.database;
    const { id } = await make({ topic: 'Event/flood', ackOption: 'explicit' });
    await pool.query(
      `INSERT INTO events (owner_id, topic, operation) SELECT $1, 'flood/' || n, 'UPDATE' FROM generate_series(1, 1500) n`,
      [ownerId],
    );
    // So that this process knows of them.
    await happen('flood', 1);
    expect(await lags('Event/flood')).toEqual([{ events: 1000, more: true }]);
    expect(await service.call('GET', `/api/monitors/${id}`)).toMatchObject({
      lag: { events: 1000, more: true },
    });
  });
});

describe('replay', () => {
  const replay = (id: number, from: string, status = 200) =>
    service.call('POST', `/api/monitors/${id}/replay`, { body: { from }, status });
  const minutesAgo = (minutes: number): string => new Date(Date.now() - minutes * 60_000).toISOString();

  test('goes back to the first event at or after a time', async () => {
    const ids = await happen('again', 5);
    for (const [i, minutes] of [50, 40, 30, 20, 10].entries())
      await service.app.database.pool.query('UPDATE events SET at = $2 WHERE id <= $1 AND at > $2', [
        ids[4 - i],
        minutesAgo([10, 20, 30, 40, 50][i] ?? minutes),
      ]);
    const { id } = await make({ topic: 'Event/again', ackOption: 'explicit' });
    const answer = await replay(id, minutesAgo(35));
    expect(answer).toMatchObject({ lag: { events: 3, more: false } });
    expect(Math.abs(Date.parse(String(answer.from)) - Date.parse(minutesAgo(30)))).toBeLessThan(60_000);
    expect(await placeNow(id)).toBe(placeAfter((ids[2] ?? 0) - 1));
    expect(await replay(id, '2001-01-01T00:00:00Z')).toMatchObject({ lag: { events: 5 } });
    expect(await replay(id, '2999-01-01T00:00:00Z')).toMatchObject({ from: null, lag: { events: 0 } });
    const { logBegins } = await replay(id, minutesAgo(0));
    expect(Date.parse(String(logBegins))).toBeLessThanOrEqual(Date.parse(minutesAgo(45)));
  });

  test('is not for polling, and asks for a time', async () => {
    const { id } = await make({ topic: 'Event', transportType: 'polling' });
    expect(await replay(id, minutesAgo(1), 409)).toMatchObject({ code: 'polling' });
    await replay(id, 'yesterday', 400);
  });
});

test('a session gets what is tested and replayed, and ends with a change, a removal, or its owner', async () => {
  const { monitors } = service.app;
  const leaver = { email: 'leaver@example.org', password: 'leaver leaver', role: 'member' };
  const { id: leaverId } = await service.call<{ id: string }>('POST', '/api/users', {
    body: leaver,
    status: 201,
  });
  const headers = { cookie: await signIn(service.url, leaver), origin: service.url };
  const open = async () => {
    const body = { topic: 'Event/session', batchSize: 1, batchDuration: 0, ackOption: 'explicit' } as const;
    const { id } = await make(body, headers);
    const record = await monitors.find(leaverId, id);
    if (record === undefined) throw new Error('there is no such monitor');
    const seen: string[] = [];
    let look = (): void => undefined;
    let ended: (reason: string) => void = () => undefined;
    const end = new Promise<string>((resolve) => {
      ended = resolve;
    });
    const sink: BlockSink = {
      send: ({ payload, blockId }) => {
        seen.push(JSON.parse(payload.toString()).Document.Msg.topic.replace(/^\d+\//, ''));
        session.delivered(blockId);
        look();
      },
      end: ended,
    };
    const session = await monitors.open(record, sink, { peer: 'test', window: { blocks: 9, bytes: 1e6 } });
    const count = (wanted: number): Promise<void> =>
      new Promise((resolve) => {
        look = () => seen.length >= wanted && resolve();
        look();
      });
    return { id, seen, end, count };
  };
  const [first, second, third] = [await open(), await open(), await open()];
  const since = new Date().toISOString();
  await happen('session', 1, leaverId);
  await first.count(1);
  await service.call('POST', `/api/monitors/${first.id}/test`, { status: 201 });
  await first.count(2);
  expect(first.seen).toEqual(['Event/session/0', expect.stringMatching(/^Test/)]);
  await service.call('POST', `/api/monitors/${first.id}/replay`, { body: { from: since } });
  await first.count(4);
  expect(first.seen.slice(2)).toEqual(first.seen.slice(0, 2));
  await service.call('PATCH', `/api/monitors/${first.id}`, { body: {} });
  expect(await first.end).toBe('changed');
  await service.call('DELETE', `/api/monitors/${second.id}`, { status: 204 });
  expect(await second.end).toBe('deleted');
  await service.call('DELETE', `/api/users/${leaverId}`, { status: 204 });
  expect(await third.end).toBe('deleted');
});

test('a test event is recorded for one monitor', async () => {
  const { id } = await make({ topic: 'DeviceCore' });
  const { eventId } = await service.call<MonitorTest>('POST', `/api/monitors/${id}/test`, { status: 201 });
  const { items } = await service.call<{ items: object[] }>('GET', `/api/events?topic=monitors/${id}/test`);
  expect(items).toMatchObject([{ id: eventId, operation: 'INSERTION', payload: {} }]);
});
