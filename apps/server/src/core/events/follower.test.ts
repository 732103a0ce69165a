import { pino } from 'pino';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { newDatabase } from '../../testing/service.js';
import { Database } from '../database/database.js';
import type { FollowedEvents, FollowOptions } from './followed.js';
import type { Follower } from './follower.js';
import { EventLog } from './log.js';
import { bounds, deleteOlder } from './store.js';
import type { RecordedEvent } from './types.js';

interface Replica {
  events: EventLog;
  database: Database;
  /** What it logged at levels from warning on. */
  lines: string[];
}

let copy: Awaited<ReturnType<typeof newDatabase>>;
const opened: Replica[] = [];
const followers: Follower[] = [];

async function replica(): Promise<Replica> {
  const lines: string[] = [];
  const log = pino({ level: 'warn' }, { write: (line) => void lines.push(line) });
  const database = new Database({ url: copy.url, log });
  const events = new EventLog({ database, log, shared: true });
  await events.start();
  const one = { events, database, lines };
  opened.push(one);
  return one;
}

beforeEach(async () => {
  copy = await newDatabase();
});
afterEach(async () => {
  await Promise.all(followers.splice(0).map((follower) => follower.stop()));
  for (const { events, database } of opened.splice(0)) {
    await events.stop();
    await database.close();
  }
  await copy.drop();
});

const emit = ({ events }: Replica, ...topics: string[]): Promise<void> =>
  events.sql(async (_client, record) => {
    for (const topic of topics) record({ topic, operation: 'UPDATE', ownerId: null });
  });

const numbered = (count: number, from = 0): string[] =>
  Array.from({ length: count }, (_, i) => `facts/${from + i}`);

/** A follower of `facts/+` that notes what it handled in a table, and records that it did. */
async function follow(
  { events, database }: Replica,
  options: Partial<FollowOptions> = {},
  harm: (given: FollowedEvents) => Promise<void> | void = () => undefined,
): Promise<Follower> {
  await database.pool.query('CREATE TABLE IF NOT EXISTS handled (n serial, topic text)');
  const follower = events.follow({
    name: 'test',
    filters: ['facts/+'],
    firstPauseMs: 1,
    work: async (client, given, record) => {
      for (const { topic } of given.events) {
        await client.query('INSERT INTO handled (topic) VALUES ($1)', [topic]);
        record({ topic: topic.replace('facts', 'done'), operation: 'INSERTION', ownerId: null });
      }
      await harm(given);
      return true;
    },
    ...options,
  });
  followers.push(follower);
  await follower.start();
  return follower;
}

const handled = async ({ database }: Replica): Promise<string[]> =>
  (await database.pool.query<{ topic: string }>('SELECT topic FROM handled ORDER BY n')).rows.map(
    ({ topic }) => topic,
  );
const position = async ({ database }: Replica): Promise<number> =>
  Number((await database.pool.query('SELECT position FROM event_cursors')).rows[0].position);

/** Resolves with the next event of a topic; to be called before it may come. */
const heard = ({ events }: Replica, topic: string): Promise<RecordedEvent> =>
  new Promise((resolve) => {
    const end = events.on(topic, (event) => {
      end();
      resolve(event);
    });
  });

test('begins at the end of the log, is given what its filters mean, and goes on where it stopped', async () => {
  const one = await replica();
  await emit(one, 'facts/old');
  const first = await follow(one);
  let done = heard(one, 'done/2');
  await emit(one, 'other/1', 'facts/1', 'facts/1/below', 'afacts/1', 'facts/2');
  await done;
  await first.stop();
  await emit(one, ...numbered(2500, 10));
  done = heard(one, 'done/2509');
  await follow(one);
  await done;
  expect(await handled(one)).toEqual(['facts/1', 'facts/2', ...numbered(2500, 10)]);
});

test('what fails in the middle happens once all the same', async () => {
  const one = await replica();
  let calls = 0;
  await follow(one, {}, () => {
    if (++calls % 3 !== 0) throw new Error('in the middle');
  });
  const done = heard(one, 'done/99');
  for (let i = 0; i < 100; i += 5) await emit(one, ...numbered(5, i));
  await done;
  expect(await handled(one)).toEqual(numbered(100));
});

test('two replicas never both handle an event, and keep the order, also when one ends', async () => {
  const [a, b] = [await replica(), await replica()];
  const by = { a: 0, b: 0 };
  const first = await follow(a, { weigh: () => 100 }, () => void by.a++);
  let emitted = 0;
  const storm = async (rounds: number): Promise<void> => {
    const done = heard(b, `done/${emitted + rounds * 20 - 1}`);
    for (let i = 0; i < rounds; i++) {
      await emit(i % 2 === 0 ? a : b, ...numbered(20, emitted));
      emitted += 20;
    }
    await done;
  };
  await storm(2);
  await follow(b, { weigh: () => 100 }, () => void by.b++);
  await storm(30);
  await first.stop();
  await storm(10);
  expect(Math.min(by.a, by.b)).toBeGreaterThan(0);
  expect(await handled(a)).toEqual(numbered(emitted));
});

test('a replica that was killed in the middle leaves its events to the other', async () => {
  const [a, b] = [await replica(), await replica()];
  let reached = (): void => undefined;
  const inTheMiddle = new Promise<void>((resolve) => {
    reached = resolve;
  });
  const killed = await follow(a, {}, async () => {
    reached();
    // As the database sees a process that is gone.
    await new Promise((resolve) => setTimeout(resolve, 50));
    throw Object.assign(new Error('gone'), { code: 'ECONNRESET' });
  });
  const done = heard(b, 'done/1');
  await emit(a, 'facts/0', 'facts/1');
  await inTheMiddle;
  await follow(b);
  await killed.stop();
  await done;
  expect(await handled(b)).toEqual(['facts/0', 'facts/1']);
});

test('an event that cannot be handled is skipped, logged and told; all others are handled', async () => {
  const one = await replica();
  const skipped: string[] = [];
  const follower = await follow(one, { onSkipped: ({ topic }) => void skipped.push(topic) }, ({ events }) => {
    if (events.some(({ topic }) => topic === 'facts/37')) throw new Error('poison');
  });
  let done = heard(one, 'done/99');
  await emit(one, ...numbered(100));
  await done;
  const others = numbered(100).filter((topic) => topic !== 'facts/37');
  expect(await handled(one)).toEqual(others);
  expect(skipped).toEqual(['facts/37']);
  expect(follower.skipped).toBe(1);
  expect(one.lines.filter((line) => line.includes('given up'))).toHaveLength(1);
  done = heard(one, 'done/100');
  await emit(one, 'facts/100');
  await done;
  expect(await handled(one)).toEqual([...others, 'facts/100']);
});

test('a page weighs no more than is allowed, but a heavy event goes alone', async () => {
  const one = await replica();
  const sizes: number[] = [];
  const weigh = ({ topic }: RecordedEvent): number => (topic === 'facts/3' ? 5000 : 400);
  await follow(one, { weigh }, ({ events }) => void sizes.push(events.length));
  const done = heard(one, 'done/5');
  await emit(one, ...numbered(6));
  await done;
  expect(sizes).toEqual([2, 1, 1, 2]);
  expect(await handled(one)).toEqual(numbered(6));
});

test('where work changed nothing the cursor is not written, until it settles', async () => {
  const one = await replica();
  const before = (await bounds(one.database.pool)).newest;
  let given = 0;
  let reached = (): void => undefined;
  const all = new Promise<void>((resolve) => {
    reached = resolve;
  });
  const follower = await follow(one, {
    work: async (_client, { events }) => {
      given += events.length;
      if (given === 3) reached();
      return false;
    },
  });
  await emit(one, ...numbered(3), 'other/1');
  await all;
  expect(await position(one)).toBe(before);
  await follower.stop();
  // At its end, and each minute.
  expect(await position(one)).toBe((await bounds(one.database.pool)).newest);
});

test('reads nothing while nothing is of interest, and then from where it is', async () => {
  const one = await replica();
  let interest: number | undefined;
  const follower = await follow(one, { interest: async () => interest });
  await emit(one, ...numbered(5));
  interest = (await bounds(one.database.pool)).newest;
  const done = heard(one, 'done/6');
  await emit(one, 'facts/5');
  expect(follower.seen).toBeLessThan(interest);
  follower.reconsider();
  await emit(one, 'facts/6');
  await done;
  expect(await handled(one)).toEqual(['facts/5', 'facts/6']);
});

test('says that events were deleted before it read them, and goes on', async () => {
  const one = await replica();
  const first = await follow(one);
  const done = heard(one, 'done/0');
  await emit(one, 'facts/0');
  await done;
  await first.stop();
  await emit(one, ...numbered(9, 1));
  await one.database.pool.query("UPDATE events SET at = now() - interval '20 days'");
  await deleteOlder(one.database.pool, 14, 8);
  const last = heard(one, 'done/9');
  await follow(one);
  await last;
  expect(one.lines.filter((line) => line.includes('EVENT_RETENTION_DAYS'))).toHaveLength(1);
  const kept = await handled(one);
  expect(kept.length).toBeLessThan(10);
  expect(kept.at(-1)).toBe('facts/9');
});

test('tells when what was remembered is out of date: at first, and after another replica worked', async () => {
  const [a, b] = [await replica(), await replica()];
  const seen: string[] = [];
  const note =
    (name: string) =>
    ({ events, resumed }: FollowedEvents): void =>
      void seen.push(`${name} ${events.length} ${resumed}`);
  const first = await follow(a, {}, note('a'));
  for (const n of [1, 2]) {
    const done = heard(a, `done/${n}`);
    await emit(a, `facts/${n}`);
    await done;
  }
  await first.stop();
  const done = heard(b, 'done/3');
  await follow(b, {}, note('b'));
  await emit(a, 'facts/3');
  await done;
  expect(seen).toEqual(['a 1 true', 'a 1 false', 'b 1 true']);
});

test('stopping waits for the transaction under way', async () => {
  const one = await replica();
  let proceed = (): void => undefined;
  const held = new Promise<void>((resolve) => {
    proceed = resolve;
  });
  let begun = (): void => undefined;
  const began = new Promise<void>((resolve) => {
    begun = resolve;
  });
  const follower = await follow(one, {}, async () => {
    begun();
    await held;
  });
  await emit(one, 'facts/1');
  await began;
  const stopped = follower.stop();
  proceed();
  await stopped;
  expect(await handled(one)).toEqual(['facts/1']);
});
