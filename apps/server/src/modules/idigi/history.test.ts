import type { Monitor, MonitorRequest } from '@polyrelay/contract';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ADMIN, startService, type TestService } from '../../testing/service.js';

const MEMBER = { email: 'member@example.org', password: 'member member', role: 'member' };

let service: TestService;
let ownerId: string;
beforeAll(async () => {
  service = await startService();
  ({ id: ownerId } = await service.app.database.prisma.user.findFirstOrThrow());
  await service.call('POST', '/api/users', { body: MEMBER, status: 201 });
});
afterAll(() => service.close());

interface History {
  count: number;
  size: number;
  start_time: string;
  end_time?: string;
  cursor: string;
  next_uri?: string;
  list: { topic: string; operation: string; timestamp: string }[];
}

const basic = ({ email, password }: typeof ADMIN): string =>
  `Basic ${Buffer.from(`${email}:${password}`).toString('base64')}`;

const ask = (path: string, who = ADMIN): Promise<Response> =>
  fetch(service.url + path, { headers: { authorization: basic(who), accept: 'application/json' } });

async function read(path: string): Promise<History> {
  const answer = await ask(path);
  if (!answer.ok) throw new Error(`${answer.status}: ${await answer.text()}`);
  const history = (await answer.json()) as History;
  expect(history.count).toBe(history.list.length);
  return history;
}

const numbers = ({ list }: History): number[] => list.map(({ topic }) => Number(topic.split('/').at(-1)));

const make = (given: Partial<MonitorRequest> = {}): Promise<Monitor> =>
  service.call<Monitor>('POST', '/api/monitors', {
    status: 201,
    body: { topic: 'Event/facts', transportType: 'polling', ...given },
  });

/** Records numbered facts, with another owner's and others between them. */
const emit = (from: number, count: number): Promise<void> =>
  service.app.events.sql(async (_client, record) => {
    for (let n = from; n < from + count; n++) {
      record({ topic: `facts/${n}`, operation: 'UPDATE', ownerId });
      record({ topic: `facts/${n}`, operation: 'UPDATE', ownerId: null });
      record({ topic: `others/${n}`, operation: 'UPDATE', ownerId });
    }
  });

const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, i) => from + i);

test('pages follow each other, and the last cursor gives what is new: nothing twice, nothing skipped', async () => {
  await emit(900, 3);
  const { id, createdAt } = await make();
  const empty = await read(`/ws/v1/monitors/history/${id}`);
  expect(empty).toMatchObject({ count: 0, size: 1000, list: [], start_time: createdAt });
  expect(empty).not.toHaveProperty('next_uri');
  expect(empty).not.toHaveProperty('end_time');

  await emit(0, 25);
  const first = await read(`/ws/v1/monitors/history/${id}?size=10`);
  expect(numbers(first)).toEqual(range(0, 10));
  expect(first.list[0]).toMatchObject({
    operation: 'UPDATE',
    topic: expect.stringMatching(/^\d+\/Event\/facts\/0$/),
  });
  const second = await read(first.next_uri ?? '');
  const third = await read(second.next_uri ?? '');
  expect([second, third].flatMap(numbers)).toEqual(range(10, 25));
  expect(third).not.toHaveProperty('next_uri');
  // The same cursor gives the same again.
  expect(numbers(await read(first.next_uri ?? ''))).toEqual(range(10, 20));
  expect(numbers(await read(`/ws/v1/monitors/history/${id}?cursor=${empty.cursor}`))).toEqual(range(0, 25));

  const exact = await read(`/ws/v1/monitors/history/${id}?size=25&cursor=${empty.cursor}`);
  expect(numbers(exact)).toEqual(range(0, 25));
  expect(exact).not.toHaveProperty('next_uri');

  let { cursor } = exact;
  for (let from = 25; from < 40; from += 5) {
    await emit(from, 5);
    const next = await read(`/ws/v1/monitors/history/${id}?cursor=${cursor}`);
    expect(numbers(next)).toEqual(range(from, from + 5));
    cursor = next.cursor;
  }
  const none = await read(`/ws/v1/monitors/history/${id}?cursor=${cursor}`);
  expect(none).toMatchObject({ count: 0, list: [] });
});

test('a cursor reads nothing twice while others write', async () => {
  const { id } = await make();
  const writing = Promise.all(range(0, 20).map((i) => emit(i * 10, 10)));
  const seen: number[] = [];
  let cursor = '';
  let done = false;
  void writing.then(() => {
    done = true;
  });
  for (;;) {
    const last = done;
    const page = await read(`/ws/v1/monitors/history/${id}?size=7&cursor=${cursor}`);
    seen.push(...numbers(page));
    cursor = page.cursor;
    if (last && page.next_uri === undefined) break;
  }
  expect(seen.sort((a, b) => a - b)).toEqual(range(0, 200));
});

test('times bound it: ISO 8601 and milliseconds, the end exclusive', async () => {
  const { id } = await make({ transportType: 'tcp', topic: 'Event/timed' });
  const times = ['2026-01-01T00:00:00.000Z', '2026-01-01T00:00:01.000Z', '2026-01-01T00:00:02.000Z'];
  for (const [i, at] of times.entries()) {
    await service.app.events.sql(async (_client, record) =>
      record({ topic: `timed/${i}`, operation: 'UPDATE', ownerId }),
    );
    await service.app.database.pool.query('UPDATE events SET at = $1 WHERE topic = $2', [at, `timed/${i}`]);
  }
  // As in a log that has nothing else of that time.
  await service.app.database.pool.query("DELETE FROM events WHERE topic NOT LIKE 'timed/%'");
  const between = (start: string | number, end: string | number): Promise<History> =>
    read(`/ws/v1/monitors/history/${id}?start_time=${start}&end_time=${end}`);
  const [first = '', second = '', third = ''] = times;
  expect(numbers(await between(first, third))).toEqual([0, 1]);
  expect(numbers(await between(Date.parse(second), Date.parse(third) + 1))).toEqual([1, 2]);
  expect(numbers(await between(second, second))).toEqual([]);
  expect(await between(Date.parse(first), second)).toMatchObject({ start_time: first, end_time: second });
  const page = await read(`/ws/v1/monitors/history/${id}?start_time=${first}&end_time=${third}&size=1`);
  expect(numbers(await read(page.next_uri ?? ''))).toEqual([1]);
});

test('a monitor of somebody else, or none, is not found; who does not sign in is asked to', async () => {
  const { id } = await make();
  expect((await ask(`/ws/v1/monitors/history/${id}`, MEMBER)).status).toBe(404);
  for (const unknown of ['99999', '0', 'x', '4294967297', '%00'])
    expect((await ask(`/ws/v1/monitors/history/${unknown}`)).status, unknown).toBe(404);
  const answer = await ask('/ws/v1/monitors/history/99999');
  expect(await answer.json()).toEqual({ error: [expect.stringContaining('99999')] });
  expect((await fetch(`${service.url}/ws/v1/monitors/history/${id}`)).status).toBe(401);
});

test.each([
  'size=0',
  'size=1001',
  'size=x',
  'size=-1',
  'start_time=yesterday',
  'start_time=0000-01-01T00:00:00Z',
  'start_time=2026-13-01T00:00:00Z',
  'end_time=999999999999999999',
  'cursor=x',
  'cursor=LTE',
  'cursor=OTk5OTk5OTk5OTk5OTk5OTk5OTk',
  'cursor=MQ&cursor=MQ',
])('%s is refused, and named', async (query) => {
  const { id } = await make();
  const answer = await ask(`/ws/v1/monitors/history/${id}?${query}`);
  expect(answer.status).toBe(400);
  const { error } = (await answer.json()) as { error: string[] };
  expect(error[0]).toContain(query.split('=')[0]);
});
