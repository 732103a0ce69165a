import { createHash } from 'node:crypto';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Pool } from 'pg';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { newDatabase } from '../../testing/service.js';
import { MIGRATIONS_FOLDER } from '../paths.js';
import { Database } from './database.js';
import { migrate } from './migrate.js';

let copy: Awaited<ReturnType<typeof newDatabase>>;
let database: Database;
let pool: Pool;
let folder: string;

const open = (): Database => new Database({ url: copy.url, log: pino({ level: 'silent' }) });

beforeEach(async () => {
  copy = await newDatabase();
  database = open();
  ({ pool } = database);
  await pool.query('DROP SCHEMA public CASCADE; CREATE SCHEMA public');
  folder = await mkdtemp(join(tmpdir(), 'pr-migrations-'));
});
afterEach(async () => {
  await database.close();
  await copy.drop();
  await rm(folder, { recursive: true, force: true });
});

async function add(name: string, sql: string): Promise<void> {
  await mkdir(join(folder, name), { recursive: true });
  await writeFile(join(folder, name, 'migration.sql'), sql);
}

const names = async (): Promise<string[]> =>
  (
    await pool.query<{ migration_name: string }>(
      'SELECT migration_name FROM _prisma_migrations ORDER BY started_at, migration_name',
    )
  ).rows.map((row) => row.migration_name);

describe('applying', () => {
  test('new migrations are applied in order, each once', async () => {
    // Each needs the one before.
    await add('2_second', 'ALTER TABLE a RENAME TO b;');
    await add('1_first', 'CREATE TABLE a (id int);');
    await writeFile(join(folder, 'migration_lock.toml'), 'provider = "postgresql"');
    expect(await migrate(pool, folder)).toEqual(['1_first', '2_second']);
    await add('3_third', 'CREATE TABLE c (id int); INSERT INTO c VALUES (1);');
    expect(await migrate(pool, folder)).toEqual(['3_third']);
    expect(await migrate(pool, folder)).toEqual([]);
    expect((await pool.query('SELECT * FROM c')).rowCount).toBe(1);
    expect(await names()).toEqual(['1_first', '2_second', '3_third']);
  });

  test('replicas that start together apply each once, and all of them wait for it', async () => {
    // Without the lock the other one finds the table missing while this one sleeps in the database.
    await add('1_slow', 'SELECT pg_sleep(0.2); CREATE TABLE a (id int); INSERT INTO a VALUES (1);');
    const other = open();
    const applied = await Promise.all([
      migrate(pool, folder),
      migrate(other.pool, folder),
      migrate(pool, folder),
    ]);
    await other.close();
    expect(applied.flat()).toEqual(['1_slow']);
    expect((await pool.query('SELECT * FROM a')).rowCount).toBe(1);
  });

  test('one that fails leaves nothing behind, says why, and is tried again when it is corrected', async () => {
    await add('1_first', 'CREATE TABLE a (id int);');
    await add('2_broken', 'CREATE TABLE b (id int); CREATE TABLE b (id int);');
    await expect(migrate(pool, folder)).rejects.toMatchObject({
      code: 'migrationFailed',
      message: expect.stringMatching(/2_broken failed: relation "b" already exists/),
    });
    expect(await names()).toEqual(['1_first']);
    await add('2_broken', 'CREATE TABLE b (id int);');
    expect(await migrate(pool, folder)).toEqual(['2_broken']);
  });
});

describe('refusing', () => {
  test('one that was changed after it was applied', async () => {
    await add('1_first', 'CREATE TABLE a (id int);');
    await migrate(pool, folder);
    await add('1_first', 'CREATE TABLE a (id bigint);');
    await expect(migrate(pool, folder)).rejects.toMatchObject({
      code: 'migrationChanged',
      message: expect.stringContaining('1_first'),
    });
  });

  test('a database where another tool has begun one and not finished it', async () => {
    await add('1_first', 'CREATE TABLE a (id int);');
    await migrate(pool, folder);
    await pool.query('UPDATE _prisma_migrations SET finished_at = NULL');
    await expect(migrate(pool, folder)).rejects.toMatchObject({
      code: 'migrationUnfinished',
      message: expect.stringContaining('prisma migrate resolve'),
    });
    // Resolved as “rolled back”: it may be applied again.
    await pool.query('UPDATE _prisma_migrations SET rolled_back_at = now(); DROP TABLE a');
    expect(await migrate(pool, folder)).toEqual(['1_first']);
  });

  test('the lock is given back, so that a corrected start goes on', async () => {
    await add('1_broken', 'SELECT nothing;');
    await expect(migrate(pool, folder)).rejects.toThrow(/nothing/);
    await add('1_broken', 'SELECT 1;');
    const other = open();
    expect(await migrate(other.pool, folder)).toEqual(['1_broken']);
    await other.close();
  });
});

test('the table of applied migrations is Prisma’s own, column for column', async () => {
  await add('1_first', 'CREATE TABLE a (id int);');
  await migrate(pool, folder);
  const { rows } = await pool.query(
    `SELECT column_name AS name, data_type AS type, character_maximum_length AS length, is_nullable AS nullable,
            column_default AS default
     FROM information_schema.columns WHERE table_name = '_prisma_migrations' ORDER BY ordinal_position`,
  );
  const at = { type: 'timestamp with time zone', length: null };
  expect(rows).toEqual([
    { name: 'id', type: 'character varying', length: 36, nullable: 'NO', default: null },
    { name: 'checksum', type: 'character varying', length: 64, nullable: 'NO', default: null },
    { name: 'finished_at', ...at, nullable: 'YES', default: null },
    { name: 'migration_name', type: 'character varying', length: 255, nullable: 'NO', default: null },
    { name: 'logs', type: 'text', length: null, nullable: 'YES', default: null },
    { name: 'rolled_back_at', ...at, nullable: 'YES', default: null },
    { name: 'started_at', ...at, nullable: 'NO', default: 'now()' },
    { name: 'applied_steps_count', type: 'integer', length: null, nullable: 'NO', default: '0' },
  ]);
  const applied = await pool.query('SELECT * FROM _prisma_migrations');
  expect(applied.rows[0]).toMatchObject({
    id: expect.stringMatching(/^[0-9a-f-]{36}$/),
    checksum: createHash('sha256').update('CREATE TABLE a (id int);').digest('hex'),
    finished_at: expect.any(Date),
    logs: null,
    rolled_back_at: null,
    applied_steps_count: 1,
  });
});

test('the project’s own migrations apply to an empty database', async () => {
  await cp(MIGRATIONS_FOLDER, folder, { recursive: true });
  const entries = await readdir(folder, { withFileTypes: true });
  const folders = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  expect(await migrate(pool, folder)).toEqual(folders.sort());
  expect(await readFile(join(folder, 'migration_lock.toml'), 'utf8')).toContain('postgresql');
});
