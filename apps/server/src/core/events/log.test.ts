import type { QueryConfig } from 'pg';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { newDatabase } from '../../testing/service.js';
import { Database } from '../database/database.js';
import { EventLog } from './log.js';
import { bounds, deleteOlder, readAfter, readBefore } from './store.js';
import type { NewEvent, RecordedEvent } from './types.js';

const log = pino({ level: 'silent' });

let copy: Awaited<ReturnType<typeof newDatabase>>;
const opened: { events: EventLog; database: Database }[] = [];

/** A replica: its own pool and its own log over the one database. */
async function replica(): Promise<{ events: EventLog; database: Database }> {
  const database = new Database({ url: copy.url, log });
  const events = new EventLog({ database, log, shared: true });
  await events.start();
  opened.push({ events, database });
  return { events, database };
}

beforeEach(async () => {
  copy = await newDatabase();
});
afterEach(async () => {
  for (const { events, database } of opened.splice(0)) {
    await events.stop();
    await database.close();
  }
  await copy.drop();
});

const fact = (topic: string, payload: Record<string, unknown> = {}): NewEvent => ({
  topic,
  operation: 'UPDATE',
  ownerId: null,
  payload,
});

/** Collects what a listener hears; `count(n)` resolves when it has heard that many. */
function collect(events: EventLog, filter = '#', options: { localOnly?: boolean } = {}) {
  const heard: RecordedEvent[] = [];
  const waiting = new Map<number, () => void>();
  events.on(
    filter,
    (event) => {
      heard.push(event);
      waiting.get(heard.length)?.();
    },
    options,
  );
  const count = (n: number): Promise<void> =>
    new Promise((resolve) => {
      if (heard.length >= n) resolve();
      else waiting.set(n, resolve);
    });
  return { heard, count };
}

const record = (events: EventLog, ...facts: NewEvent[]): Promise<void> =>
  events.transaction(async (_tx, put) => facts.forEach(put));

/** The same in one statement. */
async function state(events: EventLog, ...facts: NewEvent[]): Promise<void> {
  const statement = events.factStatement(
    'state',
    `WITH facts AS (SELECT n, NULL::uuid AS owner_id, topic, 'UPDATE' AS operation, '{}'::jsonb AS payload
       FROM unnest($1::text[]) WITH ORDINALITY AS f(topic, n))`,
    '1 AS told',
  );
  const row = await events.statement(statement, [facts.map(({ topic }) => topic)], () => facts);
  expect(row).toMatchObject({ told: 1 });
}

describe('two replicas that write at the same time', () => {
  test('every listener of both hears every fact once, in the order of the log', async () => {
    const [a, b] = [await replica(), await replica()];
    const listeners = [a, a, b].map(({ events }) => collect(events));
    let expected = 0;
    const writes = Array.from({ length: 20 }, async (_, i) => {
      const { events } = i % 2 === 0 ? a : b;
      for (let round = 0; round < 5; round++) {
        const facts = Array.from({ length: 1 + ((i + round) % 4) }, (_, k) =>
          fact(`writers/${i}/${round}/${k}`),
        );
        // One in five is taken back, which leaves a hole in the ids.
        const fails = (i + round) % 5 === 0;
        const work = async (put: (event: NewEvent) => void): Promise<void> => facts.forEach(put);
        if (fails) {
          await expect(
            events.sql(async (client, put) => {
              await work(put);
              await client.query("SELECT nextval('events_id_seq')");
              throw new Error('taken back');
            }),
          ).rejects.toThrow('taken back');
        } else {
          expected += facts.length;
          if (i % 6 < 2) await events.sql((_client, put) => work(put));
          else if (i % 6 < 4) await state(events, ...facts);
          else await events.transaction((_tx, put) => work(put));
        }
      }
    });
    await Promise.all(writes);
    await Promise.all(listeners.map(({ count }) => count(expected)));

    const stored = await readAfter(a.database.pool, 0, 10_000);
    expect(stored).toHaveLength(expected);
    for (const { heard } of listeners) {
      expect(heard.map(({ id, topic }) => [id, topic])).toEqual(stored.map(({ id, topic }) => [id, topic]));
    }
    // What one writer did one after the other stands so in the log, also within a transaction.
    for (let i = 0; i < 20; i++) {
      const own = stored.filter(({ topic }) => topic.startsWith(`writers/${i}/`)).map(({ topic }) => topic);
      expect(own).toEqual(own.toSorted());
    }
  });

  test('an event is the same for who wrote it and for who read it', async () => {
    const [a, b] = [await replica(), await replica()];
    const [own, other] = [collect(a.events), collect(b.events)];
    const { id: ownerId } = await a.database.prisma.user.create({ data: { email: 'a@example.org' } });
    const payload = { text: 'ä "quoted" \\ ', list: [1, null, true], nested: { deep: 1.5 } };
    await record(a.events, { topic: 'things/1', operation: 'INSERTION', ownerId, payload, group: 'g' });
    await Promise.all([own.count(1), other.count(1)]);
    expect(other.heard).toEqual(own.heard);
    expect(own.heard[0]).toEqual({
      id: expect.any(Number),
      at: expect.any(Date),
      topic: 'things/1',
      operation: 'INSERTION',
      ownerId,
      payload,
      group: 'g',
    });
  });

  test('work that one replica alone must do is heard where it was recorded', async () => {
    const [a, b] = [await replica(), await replica()];
    const locals = [a, b].map(({ events }) => collect(events, '#', { localOnly: true }));
    const all = [a, b].map(({ events }) => collect(events));
    await Promise.all(
      Array.from({ length: 80 }, (_, i) => {
        const write = i % 4 < 2 ? record : state;
        return write(i % 2 === 0 ? a.events : b.events, fact(`from/${i % 2}`));
      }),
    );
    await Promise.all(all.map(({ count }) => count(80)));
    locals.forEach(({ heard }, i) => {
      expect(heard.map(({ topic }) => topic)).toEqual(Array(40).fill(`from/${i}`));
    });
  });

  test('what the log tells before the answer of the statement that recorded it is known as its own', async () => {
    const [a, b] = [await replica(), await replica()];
    const local = collect(a.events, '#', { localOnly: true });
    const there = collect(b.events);
    let answer = (): void => undefined;
    const late = new Promise<void>((resolve) => {
      answer = resolve;
    });
    const statement = a.database.statement.bind(a.database);
    a.database.statement = async <Row extends object>(query: QueryConfig) => {
      const rows = await statement<Row>(query);
      await late;
      return rows;
    };
    const writing = state(a.events, fact('own'));
    await there.count(1);
    await record(b.events, fact('other'));
    await there.count(2);
    await readAfter(a.database.pool, 0, 10);
    answer();
    await writing;
    await local.count(1);
    expect(local.heard.map(({ topic }) => topic)).toEqual(['own']);
  });

  test('a replica whose notifications broke hears later what it missed', async () => {
    const [a, b] = [await replica(), await replica()];
    const { heard, count } = collect(b.events);
    await a.database.pool.query(
      "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE query = 'LISTEN polyrelay_events'",
    );
    for (let i = 0; i < 5; i++) await record(a.events, fact(`missed/${i}`));
    await count(5);
    expect(heard.map(({ topic }) => topic)).toEqual([0, 1, 2, 3, 4].map((i) => `missed/${i}`));
  });
});

describe('a transaction', () => {
  test('that fails leaves no event, no announcement and no change', async () => {
    const { events, database } = await replica();
    const { heard, count } = collect(events);
    const failing = events.transaction(async (tx, put) => {
      await tx.user.create({ data: { email: 'a@example.org' } });
      put(fact('never'));
      throw new Error('no');
    });
    await expect(failing).rejects.toThrow('no');
    // Fails at the very end: the event cannot be stored.
    await expect(record(events, { ...fact('never'), ownerId: 'not a uuid' })).rejects.toThrow();
    await record(events, fact('after'));
    await count(1);
    expect(heard.map(({ topic }) => topic)).toEqual(['after']);
    expect((await readAfter(database.pool, 0, 10)).map(({ topic }) => topic)).toEqual(['after']);
    expect(await database.prisma.user.count()).toBe(0);
  });

  test('in one statement that fails leaves no event and no announcement', async () => {
    const { events, database } = await replica();
    const { heard, count } = collect(events);
    const failing = events.factStatement(
      'failing',
      `WITH facts AS (SELECT 1 AS n, NULL::uuid AS owner_id, 'lost' AS topic, 'UPDATE' AS operation, '{}'::jsonb AS payload)`,
      '1 / (SELECT count(*) FROM users) AS told',
    );
    await expect(events.statement(failing, [], () => [fact('lost')])).rejects.toThrow('division by zero');
    await state(events, fact('kept'));
    await count(1);
    expect(heard.map(({ topic }) => topic)).toEqual(['kept']);
    expect(await readAfter(database.pool, 0, 10)).toHaveLength(1);
  });

  test('announces after the commit: a listener finds the change in the database', async () => {
    const { events, database } = await replica();
    const found = new Promise<number>((resolve, reject) => {
      events.on('users/+', async () => database.prisma.user.count().then(resolve, reject));
    });
    await events.transaction(async (tx, put) => {
      await tx.user.create({ data: { email: 'a@example.org' } });
      put(fact('users/1'));
    });
    expect(await found).toBe(1);
  });

  test('that is tried again after a deadlock records its facts once', async () => {
    const { events, database } = await replica();
    const { heard, count } = collect(events);
    await database.pool.query('CREATE TABLE counters (name text PRIMARY KEY, value int)');
    await database.pool.query("INSERT INTO counters VALUES ('a', 0), ('b', 0)");
    let release = (): void => undefined;
    const both = new Promise<void>((resolve) => {
      release = resolve;
    });
    let arrived = 0;
    const change = (first: string, second: string) =>
      events.sql(async (client, put) => {
        await client.query("SET LOCAL deadlock_timeout = '20ms'");
        await client.query('UPDATE counters SET value = value + 1 WHERE name = $1', [first]);
        put(fact(`counters/${first}`));
        if (++arrived === 2) release();
        await both;
        await client.query('UPDATE counters SET value = value + 1 WHERE name = $1', [second]);
      });
    await Promise.all([change('a', 'b'), change('b', 'a')]);
    await record(events, fact('end'));
    await count(3);
    expect(heard.map(({ topic }) => topic).sort()).toEqual(['counters/a', 'counters/b', 'end']);
  });
});

describe('a listener', () => {
  test('that throws, at once or later, harms nobody else', async () => {
    const { events } = await replica();
    events.on('#', () => {
      throw new Error('at once');
    });
    events.on('#', async () => Promise.reject(new Error('later')));
    const { heard, count } = collect(events);
    for (let i = 0; i < 3; i++) await record(events, fact(`still/${i}`));
    await count(3);
    expect(heard).toHaveLength(3);
  });

  test('hears what its filter means, until it ends', async () => {
    const { events } = await replica();
    const all = collect(events);
    const heard: string[] = [];
    const end = events.on('nodeServers/+/notices/#', ({ topic }) => {
      heard.push(topic);
    });
    await record(
      events,
      fact('nodeServers/1'),
      fact('nodeServers/1/notices/auth'),
      fact('other/1/notices/x'),
    );
    await all.count(3);
    end();
    await record(events, fact('nodeServers/1/notices/auth'));
    await all.count(4);
    expect(heard).toEqual(['nodeServers/1/notices/auth']);
  });

  test('that comes after a start hears nothing of what was before', async () => {
    const before = await replica();
    await record(before.events, fact('old'));
    const { events } = await replica();
    const { heard, count } = collect(events);
    await record(before.events, fact('new'));
    await count(1);
    expect(heard.map(({ topic }) => topic)).toEqual(['new']);
  });
});

test('stopping does not wait for a database that is away', async () => {
  const writer = await replica();
  let said = (): void => undefined;
  const trying = new Promise<void>((resolve) => {
    said = resolve;
  });
  const database = new Database({ url: copy.url, log });
  const events = new EventLog({
    database,
    log: pino({ level: 'warn' }, { write: () => said() }),
    shared: true,
  });
  await events.start();
  const { count } = collect(events);
  await record(writer.events, fact('can be read'));
  await count(1);
  await database.close();
  await record(writer.events, fact('cannot be read'));
  await trying;
  await events.stop();
});

describe('the store', () => {
  test('pages both ways, each event once', async () => {
    const { events, database } = await replica();
    await record(events, ...Array.from({ length: 25 }, (_, i) => fact(`topic/${i}`)));
    const onwards: RecordedEvent[] = [];
    for (let page = await readAfter(database.pool, 0, 10); page.length > 0; ) {
      onwards.push(...page);
      page = await readAfter(database.pool, page.at(-1)?.id ?? 0, 10);
    }
    const backwards: RecordedEvent[] = [];
    for (let page = await readBefore(database.pool, null, 10); page.length > 0; ) {
      backwards.push(...page);
      page = await readBefore(database.pool, page.at(-1)?.id ?? 0, 10);
    }
    expect(onwards.map(({ topic }) => topic)).toEqual(Array.from({ length: 25 }, (_, i) => `topic/${i}`));
    expect(backwards).toEqual(onwards.toReversed());
  });

  test('old events go, oldest first, a chunk at a time; ids are never used again', async () => {
    const { events, database } = await replica();
    const { pool } = database;
    await record(events, ...Array.from({ length: 10 }, (_, i) => fact(`topic/${i}`)));
    await pool.query("UPDATE events SET at = now() - interval '15 days' WHERE topic <> 'topic/9'");
    await pool.query("UPDATE events SET at = now() - interval '13 days' WHERE topic = 'topic/8'");
    const { newest } = await bounds(pool);
    expect(await deleteOlder(pool, 14, 5)).toBe(5);
    expect((await readAfter(pool, 0, 10))[0]?.topic).toBe('topic/5');
    expect(await deleteOlder(pool, 14, 5)).toBe(3);
    expect(await deleteOlder(pool, 14, 5)).toBe(0);
    expect((await readAfter(pool, 0, 10)).map(({ topic }) => topic)).toEqual(['topic/8', 'topic/9']);
    expect(await deleteOlder(pool, 0, 5)).toBe(2);
    await record(events, fact('next'));
    expect((await bounds(pool)).newest).toBe(newest + 1);
  });
});
