import type {
  AuditEntry,
  Message,
  MessageCount,
  MessageRate,
  MessageSummary,
  Thing,
} from '@polyrelay/contract';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { nextEvent } from '../../testing/node-servers.js';
import { lastingPlace, signIn, startService, type TestService } from '../../testing/service.js';
import { createThing } from '../../testing/things.js';

interface Page {
  items: MessageSummary[];
  nextCursor: string | null;
}

let service: TestService;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.close());

const START = Date.parse('2026-01-01T00:00:00Z');
const at = (seconds: number): string => new Date(START + seconds * 1000).toISOString();

/** A thing with one message a second: `{"n":0}` …; every tenth is one to it. */
async function withMessages(count: number, of = service): Promise<{ thing: Thing; path: string }> {
  const thing = await createThing(of);
  await of.app.database.pool.query(
    `INSERT INTO messages (id, thing_id, type, at, payload, bytes, state)
     SELECT gen_random_uuid(), $1, CASE WHEN n % 10 = 9 THEN 'ingress' ELSE 'egress' END,
       $2::timestamptz + make_interval(secs => n), format('{"n":%s}', n)::json, length(n::text) + 6, NULL
     FROM generate_series(0, $3 - 1) n`,
    [thing.id, at(0), count],
  );
  return { thing, path: `/api/things/${thing.id}/messages` };
}

const numbers = (items: MessageSummary[]): number[] => items.map(({ preview }) => JSON.parse(preview).n);
const countdown = (from: number, to: number): number[] =>
  Array.from({ length: from - to + 1 }, (_, i) => from - i);

/** All pages of a list. */
async function all(path: string, meanwhile?: () => Promise<unknown>): Promise<Page[]> {
  const pages: Page[] = [];
  for (let cursor = ''; ; ) {
    const page = await service.call<Page>('GET', `${path}${path.includes('?') ? '&' : '?'}${cursor}`);
    pages.push(page);
    if (page.nextCursor === null) return pages;
    cursor = `cursor=${encodeURIComponent(page.nextCursor)}`;
    await meanwhile?.();
  }
}

describe('a list', () => {
  test('has the newest first, by type and time', async () => {
    const { path } = await withMessages(100);
    const list = async (query: string) =>
      numbers((await service.call<Page>('GET', `${path}?${query}`)).items);
    expect(await list('')).toEqual(countdown(99, 0));
    expect(await list('type=ingress')).toEqual([99, 89, 79, 69, 59, 49, 39, 29, 19, 9]);
    expect(await list(`from=${at(10)}&to=${at(13)}`)).toEqual([12, 11, 10]);
    expect(await list(`type=egress&from=${at(8)}&to=${at(11)}`)).toEqual([10, 8]);
    expect(await list(`from=${at(500)}`)).toEqual([]);
  });

  test('pages without a skip or a repetition while others collect', async () => {
    const { thing, path } = await withMessages(200);
    let more = 1000;
    const collect = () =>
      Promise.all([0, 1, 2].map(() => service.app.messages.collect(thing, `{"n":${more++}}`)));
    const pages = await all(`${path}?limit=13`, collect);
    expect(numbers(pages.flatMap(({ items }) => items))).toEqual(countdown(199, 0));
    expect(pages.slice(0, -1).every(({ items }) => items.length === 13)).toBe(true);
    // Also where many have the same time.
    const { thing: other, path: otherPath } = await withMessages(50);
    await service.app.database.pool.query('UPDATE messages SET at = $2 WHERE thing_id = $1', [
      other.id,
      at(0),
    ]);
    const ids = (await all(`${otherPath}?limit=7`)).flatMap(({ items }) => items.map(({ id }) => id));
    expect(ids).toHaveLength(50);
    expect(new Set(ids).size).toBe(50);
  });

  test('finds a text in any case, a bounded part at a time', async () => {
    const { thing, path } = await withMessages(5000);
    await service.app.messages.collect(thing, '{"note":"100% Würze_\\\\"}');
    const find = async (text: string, query = '') => {
      const pages = await all(`${path}?text=${encodeURIComponent(text)}${query}`);
      return { pages, items: pages.flatMap(({ items }) => items) };
    };
    const { pages, items } = await find('"N":49', '&limit=500');
    expect(numbers(items)).toEqual([...countdown(4999, 4900), ...countdown(499, 490), 49]);
    // 2,000 in one call: also a page without a hit leads on.
    expect(pages.map((page) => page.items.length)).toEqual([100, 0, 11]);
    expect(numbers((await find('"n":49', '&limit=30')).items)).toEqual(numbers(items));
    for (const text of ['WÜRZE', '100% w', 'e_\\\\']) expect((await find(text)).items).toHaveLength(1);
    for (const text of ['%', '_']) expect((await find(text)).items).toHaveLength(1);
    expect((await find("'; DROP TABLE messages; --")).items).toEqual([]);
  });

  test('says what is wrong with a question, and shows nothing of others', async () => {
    const { thing, path } = await withMessages(1);
    for (const query of [
      'cursor=1',
      'cursor=99999999999999999_x',
      'type=both',
      'from=today',
      'text=%00',
      'limit=0',
    ])
      await service.call('GET', `${path}?${query}`, { status: 400 });
    expect(await service.call('GET', `${path}?cursor=x`, { status: 400 })).toMatchObject({
      code: 'invalidCursor',
    });
    const upsideDown = `from=${at(2)}&to=${at(1)}`;
    for (const rest of ['/count', '/rate'])
      await service.call('GET', `${path}${rest}?${upsideDown}`, { status: 400 });
    await service.call('DELETE', `${path}?${upsideDown}`, { status: 400 });

    const member = { email: 'member@example.org', password: 'member member', role: 'member' };
    await service.call('POST', '/api/users', { body: member, status: 201 });
    const cookie = await signIn(service.url, member);
    const [message] = (await service.call<Page>('GET', path)).items;
    const { path: other } = await withMessages(1);
    await service.call('GET', `${other}/${message?.id}`, { status: 404 });
    for (const [method, asked] of [
      ['GET', path],
      ['GET', `${path}/${message?.id}`],
      ['GET', `${path}/count`],
      ['GET', `${path}/rate`],
      ['GET', `/api/things/${thing.id}/archive`],
      ['DELETE', path],
    ] as const) {
      await service.call(method, asked, { status: 401, anonymous: true });
      await service.call(method, asked, { status: 404, headers: { cookie } });
    }
    expect((await service.call<Page>('GET', path)).items).toHaveLength(1);
  });
});

describe('figures', () => {
  test('count a range', async () => {
    const { path } = await withMessages(100);
    expect(await service.call<MessageCount>('GET', `${path}/count`)).toEqual({
      count: 100,
      bytes: 10 * 7 + 90 * 8,
      oldest: at(0),
      newest: at(99),
    });
    expect(await service.call('GET', `${path}/count?type=ingress&from=${at(50)}`)).toEqual({
      count: 5,
      bytes: 40,
      oldest: at(59),
      newest: at(99),
    });
    expect(await service.call('GET', `${path}/count?from=${at(100)}`)).toEqual({
      count: 0,
      bytes: 0,
      oldest: null,
      newest: null,
    });
  });

  test('are counts in equal spans, the last hour when no range is asked for', async () => {
    const { thing, path } = await withMessages(100);
    const rate = await service.call<MessageRate>('GET', `${path}/rate?from=${at(0)}&to=${at(100)}&points=5`);
    expect(rate).toEqual({
      from: at(0),
      to: at(100),
      stepSeconds: 20,
      egress: [18, 18, 18, 18, 18],
      ingress: [2, 2, 2, 2, 2],
    });
    await service.app.messages.collect(thing, '1');
    const hour = await service.call<MessageRate>('GET', `${path}/rate`);
    expect(Date.parse(hour.to) - Date.parse(hour.from)).toBe(3_600_000);
    expect(hour.stepSeconds).toBe(30);
    expect(hour.egress.reduce((sum, n) => sum + n, 0)).toBe(1);
    expect(hour.egress.at(-1)).toBe(1);
  });
});

describe('deletion', () => {
  test('takes those of a type and range, in pages, and says so once', async () => {
    const { thing, path } = await withMessages(3500);
    const gone: Record<string, unknown>[] = [];
    const end = service.app.events.on(`things/${thing.id}/messages`, ({ payload, operation }) => {
      gone.push({ operation, ...payload });
    });
    const told = nextEvent(service, `things/${thing.id}/messages`);
    const query = `type=egress&to=${at(3400)}`;
    expect(await service.call('DELETE', `${path}?${query}`)).toEqual({ deleted: 3060 });
    await told;
    expect(gone).toEqual([{ operation: 'DELETION', type: 'egress', to: at(3400), deleted: 3060 }]);
    expect(await service.call('GET', `${path}/count`)).toMatchObject({ count: 440 });
    expect(await service.call('DELETE', `${path}?${query}`)).toEqual({ deleted: 0 });
    expect(await service.call('DELETE', path)).toEqual({ deleted: 440 });
    end();
    const { items } = await service.call<{ items: AuditEntry[] }>('GET', '/api/audit');
    expect(items.find(({ action }) => action === 'messages.delete')).toMatchObject({
      actor: 'admin@example.org',
      target: thing.name,
      detail: { deleted: 440 },
    });
  });

  test('of a thing takes its messages with it', async () => {
    const { thing } = await withMessages(2500);
    const { thing: other } = await withMessages(3);
    await service.call('DELETE', `/api/things/${thing.id}`, { status: 204 });
    const left = await service.app.database.prisma.message.groupBy({
      by: ['thingId'],
      where: { thingId: { in: [thing.id, other.id] } },
      _count: true,
    });
    expect(left).toEqual([{ thingId: other.id, _count: 3 }]);
  });
});

test('the port pages whole messages, oldest first', async () => {
  const { thing } = await withMessages(25);
  const read: Message[] = [];
  for (;;) {
    const after = read.at(-1)?.id;
    const page = await service.app.messages.read(
      thing,
      { from: at(5) },
      { limit: 7, ...(after === undefined ? {} : { after }) },
    );
    if (page.length === 0) break;
    read.push(...page);
  }
  expect(read.map(({ payload }) => payload)).toEqual(Array.from({ length: 20 }, (_, i) => ({ n: i + 5 })));
});

describe('retention', () => {
  const DAY_S = 86_400;

  /** A thing with messages of 0.5, 1.5, 2.5 … days ago. */
  async function withDays(of: TestService, days: number): Promise<Thing> {
    const { thing } = await withMessages(days, of);
    await of.app.database.pool.query(
      `UPDATE messages SET at = now() - make_interval(secs => ((payload->>'n')::int + 0.5) * ${DAY_S}) WHERE thing_id = $1`,
      [thing.id],
    );
    return thing;
  }

  const kept = async (of: TestService, thing: Thing): Promise<number[]> =>
    numbers((await of.call<Page>('GET', `/api/things/${thing.id}/messages`)).items);

  test('deletes what is too old after the start, and when a policy changes', async () => {
    const place = await lastingPlace();
    const first = await startService(place.env);
    const thing = await withDays(first, 10);
    await first.app.database.prisma.policy.create({ data: { retentionDays: 7 } });
    expect(await kept(first, thing)).toHaveLength(10);
    await first.close();

    const second = await startService(place.env);
    // The sweep after the start may have been before this; then nothing is left to wait for.
    const swept = nextEvent(second, `things/${thing.id}/messages`);
    if ((await kept(second, thing)).length === 10) await swept;
    expect(await kept(second, thing)).toEqual([0, 1, 2, 3, 4, 5, 6]);

    const again = nextEvent(second, `things/${thing.id}/messages`);
    await second.app.database.prisma.policy.create({ data: { userId: thing.ownerId, retentionDays: 3 } });
    await second.app.events.transaction(async (_tx, record) =>
      record({ topic: `policies/${thing.ownerId}`, operation: 'UPDATE', ownerId: null, payload: {} }),
    );
    await again;
    expect(await kept(second, thing)).toEqual([0, 1, 2]);
    await second.close();
    await place.remove();
  });
});
