import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { pino } from 'pino';
import type { TestProject } from 'vitest/node';
import { EmbeddedPostgres } from '../core/database/embedded.js';
import { migrate } from '../core/database/migrate.js';
import { MIGRATIONS_FOLDER } from '../core/paths.js';

/** Migrated once; every test service gets a copy. */
export const TEMPLATE = 'polyrelay_template';

declare module 'vitest' {
  interface ProvidedContext {
    databaseUrl: string;
    /** Folder for what is put together once a run. */
    bundles: string;
  }
}

/** One real PostgreSQL for the whole run. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), 'pr-test-'));
  const postgres = new EmbeddedPostgres({ dataDir: folder, log: pino({ level: 'silent' }) });
  const url = await postgres.start((reason) => process.stderr.write(`${reason}\n`));
  const { searchParams } = new URL(url);
  const host = searchParams.get('host') ?? '';
  const admin = new pg.Client({ host, user: 'polyrelay', database: 'postgres' });
  await admin.connect();
  // What the tests wrote may be gone after a power cut; a process that is killed loses nothing by it.
  await admin.query('ALTER SYSTEM SET fsync = off');
  await admin.query('ALTER SYSTEM SET full_page_writes = off');
  await admin.query('SELECT pg_reload_conf()');
  await admin.query(`CREATE DATABASE ${TEMPLATE}`);
  await admin.end();
  const pool = new pg.Pool({ host, user: 'polyrelay', database: TEMPLATE });
  await migrate(pool, MIGRATIONS_FOLDER);
  await pool.end();
  project.provide('databaseUrl', url);
  project.provide('bundles', folder);
  return async () => {
    await postgres.stop();
    await rm(folder, { recursive: true, force: true });
  };
}
