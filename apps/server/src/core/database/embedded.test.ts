import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Health, Problem } from '@polyrelay/contract';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startService, type TestService } from '../../testing/service.js';
import { isAlive } from '../processes.js';
import { Database, isDatabaseAway } from './database.js';
import { EmbeddedPostgres } from './embedded.js';

const log = pino({ level: 'silent' });

const pidIn = async (dataDir: string): Promise<number> =>
  Number((await readFile(join(dataDir, 'postgres', 'postmaster.pid'), 'utf8')).split('\n')[0]);

describe('EmbeddedPostgres', () => {
  let dataDir: string;
  let postgres: EmbeddedPostgres;
  let exited: Promise<string>;

  /** Starts it and opens a connection. */
  async function start(): Promise<Database> {
    let onExit: (reason: string) => void = () => undefined;
    exited = new Promise((resolve) => {
      onExit = resolve;
    });
    return new Database({ url: await postgres.start((reason) => onExit(reason)), log });
  }

  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'pr-pg-'));
    postgres = new EmbeddedPostgres({ dataDir, log });
    const database = await start();
    await database.pool.query('CREATE TABLE facts (id int PRIMARY KEY)');
    await database.close();
    await postgres.stop();
  });
  afterAll(async () => {
    await postgres.stop();
    await rm(dataDir, { recursive: true, force: true });
  });

  test('starts and stops, over and over, with what was written; a stop is no accident', async () => {
    let accidents = 0;
    for (const id of [1, 2]) {
      const database = await start();
      void exited.then(() => accidents++);
      const pid = await pidIn(dataDir);
      await database.pool.query('INSERT INTO facts VALUES ($1)', [id]);
      await database.close();
      await postgres.stop();
      expect(isAlive(pid)).toBe(false);
    }
    const database = await start();
    expect((await database.pool.query('SELECT id FROM facts ORDER BY id')).rows).toEqual([
      { id: 1 },
      { id: 2 },
    ]);
    await database.close();
    await postgres.stop();
    expect(accidents).toBe(0);
  });

  test('listens on a socket alone, in a folder nobody else may enter, and syncs to disk', async () => {
    const database = await start();
    const setting = async (name: string): Promise<string> =>
      (await database.pool.query<{ value: string }>('SELECT current_setting($1) AS value', [name])).rows[0]
        ?.value ?? '';
    expect(await setting('listen_addresses')).toBe('');
    expect([await setting('fsync'), await setting('synchronous_commit')]).toEqual(['on', 'on']);
    const folder = await stat(await setting('unix_socket_directories'));
    expect(folder.mode & 0o077).toBe(0);
    await database.close();
    await postgres.stop();
  });

  test('a stale postmaster.pid whose number belongs to another program now harms neither', async () => {
    const file = join(dataDir, 'postgres', 'postmaster.pid');
    await writeFile(file, `${process.pid}\n${join(dataDir, 'postgres')}\n1700000000\n5432\n\n\n\n`);
    const database = await start();
    expect(await pidIn(dataDir)).not.toBe(process.pid);
    expect((await database.pool.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
    await database.close();
    await postgres.stop();
  });

  test('an end nobody asked for is told, and it starts again with what was committed', async () => {
    const database = await start();
    await database.pool.query('INSERT INTO facts VALUES (3)');
    process.kill(await pidIn(dataDir), 'SIGKILL');
    expect(await exited).toContain('PostgreSQL ended (SIGKILL)');
    // Its children end a moment later; as long as one is there, it neither fails nor starts anew.
    const query = (): Promise<unknown> => database.pool.query('SELECT 1').catch((error: unknown) => error);
    while (!isDatabaseAway(await query()));
    let again: Database | undefined;
    while (again === undefined) again = await start().catch(() => undefined);
    expect((await again.pool.query('SELECT id FROM facts WHERE id = 3')).rowCount).toBe(1);
    await Promise.all([database.close(), again.close()]);
    await postgres.stop();
  });
});

describe('a service whose database dies', () => {
  let service: TestService;
  beforeAll(async () => {
    service = await startService({ DATABASE_URL: '' });
  });
  afterAll(() => service.close());

  const health = async (): Promise<{ status: number; body: Health }> => {
    const response = await fetch(`${service.url}/api/health`);
    return { status: response.status, body: (await response.json()) as Health };
  };

  test('says so, answers 503 meanwhile, and recovers by itself with everything in place', async () => {
    await service.call('POST', '/api/access-tokens', { body: { name: 'kept' }, status: 201 });
    expect((await health()).status).toBe(200);
    process.kill(await pidIn(service.dataDir), 'SIGKILL');

    // Its children end a moment later, and may answer until then.
    let away = await health();
    while (away.status === 200) away = await health();
    const refused = await service.fetch('/api/access-tokens');
    expect(away.status).toBe(503);
    expect(away.body).toMatchObject({
      status: 'failing',
      database: { status: 'failing', detail: expect.stringContaining('database does not answer') },
      broker: { status: 'ok' },
    });
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '2']);
    expect((await refused.json()) as Problem).toMatchObject({ code: 'databaseAway', status: 503 });

    while ((await health()).status !== 200);
    const { items } = await service.call<{ items: { name: string }[] }>('GET', '/api/access-tokens');
    expect(items.map(({ name }) => name)).toEqual(['kept']);
    const heard = new Promise<string>((resolve) => {
      service.app.events.on('test/#', ({ topic }) => resolve(topic));
    });
    await service.app.events.transaction(async (_tx, record) =>
      record({ topic: 'test/after', operation: 'INSERTION', ownerId: null }),
    );
    expect(await heard).toBe('test/after');
  });
});
