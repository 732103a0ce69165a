import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest';
import { PermanentError } from '../handler.js';
import { parseMessage } from '../message.js';
import { batchContext, messagesOf, numbered, untilTaken } from '../testing/batches.js';
import { PostgresHandler } from './postgres.js';

const server = inject('databaseUrl' as never) as string;
const name = `test_${randomBytes(8).toString('hex')}`;
const host = new URL(server).searchParams.get('host') ?? '';
const url = `postgresql://polyrelay@localhost/${name}?host=${encodeURIComponent(host)}`;
/** Statements that wait for a lock. */
const WAITING = `FROM pg_stat_activity WHERE datname = '${name}' AND wait_event_type = 'Lock'`;
let admin: pg.Client;
let client: pg.Client;
let handler: PostgresHandler;

const make = (options: Record<string, unknown> = {}) =>
  new PostgresHandler(PostgresHandler.options.parse({ url, ...options }));
const rows = async <Row>(sql: string): Promise<Row[]> => (await client.query(sql)).rows as Row[];
const numbers = async () =>
  (await rows<{ n: number }>(`SELECT (message->>'n')::int n FROM channel_messages ORDER BY key`)).map(
    ({ n }) => n,
  );
/** A batch that ends in front of this key. */
const at = (nextKey: number) => batchContext({ nextKey });
const range = (count: number) => Array.from({ length: count }, (_, n) => n);

beforeAll(async () => {
  admin = new pg.Client({ host, user: 'polyrelay', database: 'postgres' });
  await admin.connect();
  await admin.query(`CREATE DATABASE ${name}`);
  client = new pg.Client(url);
  await client.connect();
});
beforeEach(async () => {
  handler = make();
  await handler.start(batchContext());
  await client.query('TRUNCATE channel_messages');
});
afterEach(() => handler.stop());
afterAll(async () => {
  await client.end();
  await admin.query(`DROP DATABASE ${name} WITH (FORCE)`);
  await admin.end();
});

describe('the postgres handler', () => {
  test('makes its table and stores each message as it is', async () => {
    const [message] = [
      parseMessage('{"ident":"grün","timestamp":1.5,"big":12345678901234567890,"deep":{"a":[1]}}'),
    ];
    if (message === undefined) throw new Error('no message');
    await handler.handle([message], at(41));
    expect(
      await rows('SELECT channel, key, ident, timestamp, message::text, raw FROM channel_messages'),
    ).toEqual([
      {
        channel: '1',
        key: '40',
        ident: 'grün',
        timestamp: 1.5,
        message: '{"big": 12345678901234567890, "deep": {"a": [1]}, "ident": "grün", "timestamp": 1.5}',
        raw: null,
      },
    ]);
  });

  test('stores a batch that comes again once, also when the page has become longer or shorter meanwhile', async () => {
    await handler.handle(numbered(1000), at(1000));
    await handler.handle(numbered(1000), at(1000));
    await handler.handle(numbered(1200), at(1200));
    // The first ones were deleted: the batch that was asked for from key 0 on begins later.
    await handler.handle(numbered(1000).slice(300), at(1000));
    await handler.handle(messagesOf({ n: 1200 }), at(1201));
    expect(await numbers()).toEqual(range(1201));
  });

  test('stores equal messages as often as they are in the channel', async () => {
    const same = { ident: 'a', timestamp: 7, n: 1 };
    await handler.handle(messagesOf(same, same, same), at(3));
    await handler.handle(messagesOf(same, same, same), at(3));
    await handler.handle(messagesOf(same), at(4));
    expect(await numbers()).toEqual([1, 1, 1, 1]);
  });

  test('loses nothing, and has nothing twice, when its connection is killed in the middle of a batch', async () => {
    await handler.handle(numbered(10), at(10));
    await client.query('BEGIN; LOCK TABLE channel_messages IN EXCLUSIVE MODE');
    const stored = untilTaken(handler, numbered(500, 10), at(510));
    while ((await admin.query(`SELECT pg_terminate_backend(pid) ${WAITING}`)).rowCount === 0);
    await client.query('COMMIT');
    expect(await stored).toBeGreaterThan(0);
    expect(await numbers()).toEqual(range(510));
  });

  test('ends an attempt when it is told to, and goes on with the next', async () => {
    await client.query('BEGIN; LOCK TABLE channel_messages IN EXCLUSIVE MODE');
    const abort = new AbortController();
    const handling = handler.handle(numbered(5), batchContext({ nextKey: 5, signal: abort.signal }));
    const ended = expect(handling).rejects.toThrow('enough');
    while ((await admin.query(`SELECT pid ${WAITING}`)).rowCount === 0);
    abort.abort(new Error('enough'));
    await ended;
    // The server still has the statement, and may carry it out.
    await client.query('COMMIT');
    await handler.handle(numbered(5), at(5));
    expect(await numbers()).toEqual(range(5));
  });

  test('keeps as text what jsonb does not take', async () => {
    const context = batchContext();
    await handler.handle(messagesOf({ n: 0 }, { n: 1, text: 'a\0b' }, { n: 2 }), context);
    expect(await rows('SELECT message->>$$n$$ n, raw FROM channel_messages ORDER BY key')).toEqual([
      { n: '0', raw: null },
      { n: null, raw: '{"ident":"thing-1","timestamp":1,"n":1,"text":"a\\u0000b"}' },
      { n: '2', raw: null },
    ]);
    expect(context.said).toHaveLength(1);
  });

  test('takes a table in a schema, with any name', async () => {
    await client.query('CREATE SCHEMA "Other"');
    const other = make({ table: 'Other.Größe' });
    await other.start(batchContext());
    await other.handle(numbered(3), batchContext());
    expect(await rows('SELECT count(*)::int FROM "Other"."Größe"')).toEqual([{ count: 3 }]);
    await other.stop();
    expect(() => make({ table: 'a"; DROP TABLE b' })).toThrow('name of a table');
  });

  test('stops where trying again is of no use', async () => {
    await client.query('CREATE TABLE IF NOT EXISTS foreign_table (a int)');
    const other = make({ table: 'foreign_table' });
    await other.start(batchContext());
    await expect(other.handle(numbered(1), batchContext())).rejects.toThrow(PermanentError);
    await expect(other.handle(numbered(1), batchContext())).rejects.toThrow('foreign_table: ');
    await other.stop();
    const nowhere = make({ url: url.replace(name, 'not_there') });
    await expect(nowhere.start(batchContext())).rejects.toThrow(PermanentError);
    await nowhere.stop();
  });
});
