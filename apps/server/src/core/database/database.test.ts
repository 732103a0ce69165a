import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newDatabase } from '../../testing/service.js';
import { Database, isDatabaseAway, isUniqueViolation } from './database.js';

const log = pino({ level: 'silent' });

let copy: Awaited<ReturnType<typeof newDatabase>>;
let database: Database;
beforeAll(async () => {
  copy = await newDatabase();
  database = new Database({ url: copy.url, log });
  await database.pool.query('CREATE TABLE counters (name text PRIMARY KEY, value int NOT NULL)');
});
afterAll(async () => {
  await database.close();
  await copy.drop();
});

const failureOf = (work: () => Promise<unknown>): Promise<unknown> =>
  work().then(
    () => undefined,
    (error: unknown) => error,
  );

describe('isDatabaseAway', () => {
  test('a server that is not there, by socket and by TCP, through the pool and through Prisma', async () => {
    const closed = createServer().listen(0, '127.0.0.1');
    await once(closed, 'listening');
    const { port } = closed.address() as AddressInfo;
    closed.close();
    await once(closed, 'close');
    for (const url of [
      `postgresql://polyrelay@localhost/x?host=${encodeURIComponent(join(tmpdir(), 'nothing-here'))}`,
      `postgresql://polyrelay@127.0.0.1:${port}/x`,
    ]) {
      const absent = new Database({ url, log });
      for (const work of [
        () => absent.pool.query('SELECT 1'),
        () => absent.sql(async () => undefined),
        () => absent.prisma.user.count(),
        () => absent.transaction((tx) => tx.user.count()),
      ])
        expect(await failureOf(work)).toSatisfy(isDatabaseAway);
      await absent.close();
    }
  });

  test('a connection that is cut in the middle of a statement or a transaction', async () => {
    const cut = 'SELECT pg_terminate_backend(pg_backend_pid())';
    for (const work of [
      () => database.pool.query(cut),
      () => database.sql((client) => client.query(cut)),
      () => database.prisma.$queryRawUnsafe(cut),
      () =>
        database.transaction(async (tx) => {
          await tx.$queryRawUnsafe(cut);
          await tx.user.count();
        }),
    ])
      expect(await failureOf(work)).toSatisfy(isDatabaseAway);
    const pidOf = 'SELECT pg_backend_pid() AS pid';
    const end = (pid: number | undefined) =>
      database.pool.query('SELECT pg_terminate_backend($1, 5000)', [pid]);
    for (const work of [
      () =>
        database.sql(async (client) => {
          await end((await client.query<{ pid: number }>(pidOf)).rows[0]?.pid);
          await client.query('SELECT 1');
        }),
      () =>
        database.transaction(async (tx) => {
          await end((await tx.$queryRawUnsafe<{ pid: number }[]>(pidOf))[0]?.pid);
          await tx.user.count();
        }),
      () =>
        database.transaction(async (tx) => {
          await end((await tx.$queryRawUnsafe<{ pid: number }[]>(pidOf))[0]?.pid);
        }),
    ])
      expect(await failureOf(work)).toSatisfy(isDatabaseAway);
    // None of the broken connections came back to the pool.
    for (let i = 0; i < 20; i++) await database.pool.query('SELECT 1');
  });

  test('errors of our own making are not taken for it', async () => {
    const unknown = new Database({ url: copy.url.replace(/\/test_\w+/, '/no_such_database'), log });
    for (const work of [
      () => database.pool.query('SELECT nothing'),
      () => database.pool.query("SELECT 'x'::int"),
      () => database.prisma.user.findUniqueOrThrow({ where: { email: 'nobody' } }),
      () => unknown.pool.query('SELECT 1'),
    ]) {
      const error = await failureOf(work);
      expect(error).toBeInstanceOf(Error);
      expect(isDatabaseAway(error)).toBe(false);
    }
    await unknown.close();
    expect(isDatabaseAway('ECONNREFUSED')).toBe(false);
  });
});

test('isUniqueViolation knows it from SQL and from Prisma', async () => {
  await database.prisma.user.create({ data: { email: 'a@example.org' } });
  const insert = "INSERT INTO users (email) VALUES ('a@example.org')";
  expect(isUniqueViolation(await failureOf(() => database.pool.query(insert)))).toBe(true);
  const again = () => database.prisma.user.create({ data: { email: 'a@example.org' } });
  expect(isUniqueViolation(await failureOf(again))).toBe(true);
  expect(isUniqueViolation(await failureOf(() => database.pool.query('SELECT nothing')))).toBe(false);
});

describe('sql', () => {
  const add = 'UPDATE counters SET value = value + 1 WHERE name = $1';
  const value = async (name: string): Promise<number | undefined> =>
    (await database.pool.query<{ value: number }>('SELECT value FROM counters WHERE name = $1', [name]))
      .rows[0]?.value;

  test('a deadlock is tried again, and both changes are made once', async () => {
    await database.pool.query("INSERT INTO counters VALUES ('a', 0), ('b', 0)");
    let arrived = 0;
    let release = (): void => undefined;
    const both = new Promise<void>((resolve) => {
      release = resolve;
    });
    let runs = 0;
    const change = (first: string, second: string) =>
      database.sql(async (client) => {
        runs++;
        await client.query("SET LOCAL deadlock_timeout = '20ms'");
        await client.query(add, [first]);
        if (++arrived === 2) release();
        await both;
        await client.query(add, [second]);
      });
    await Promise.all([change('a', 'b'), change('b', 'a')]);
    expect(runs).toBe(3);
    expect([await value('a'), await value('b')]).toEqual([2, 2]);
  });

  test('a failure takes everything back', async () => {
    await database.pool.query("INSERT INTO counters VALUES ('c', 0)");
    const failing = database.sql(async (client) => {
      await client.query(add, ['c']);
      throw new Error('no');
    });
    await expect(failing).rejects.toThrow('no');
    expect(await value('c')).toBe(0);
  });
});
