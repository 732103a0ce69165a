import { createHash, randomUUID } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ClientBase, Pool, PoolClient } from 'pg';
import { DomainError, messageOf } from '#core/errors.js';

/** Any number that no other program locks: replicas starting together migrate one after the other. */
const LOCK = 7_410_221;

/** The table that `prisma migrate deploy` keeps, column for column, so that either may be used. */
const TABLE = `CREATE TABLE IF NOT EXISTS "_prisma_migrations" (
  "id" VARCHAR(36) PRIMARY KEY NOT NULL,
  "checksum" VARCHAR(64) NOT NULL,
  "finished_at" TIMESTAMPTZ,
  "migration_name" VARCHAR(255) NOT NULL,
  "logs" TEXT,
  "rolled_back_at" TIMESTAMPTZ,
  "started_at" TIMESTAMPTZ NOT NULL DEFAULT now(),
  "applied_steps_count" INTEGER NOT NULL DEFAULT 0
)`;

/** One migration file; `checksum` is the SHA-256 of its text, in hex. */
export interface Migration {
  name: string;
  sql: string;
  checksum: string;
}

/**
 * Applies the migrations of `folder` (Prisma's layout) that the database does not have yet, each in one
 * transaction, under an advisory lock.
 * @returns the names of those applied now
 * @throws DomainError `migrationChanged` when an applied one was edited, `migrationFailed` with the database's words
 */
export async function migrate(pool: Pool, folder: string): Promise<string[]> {
  const migrations = await readMigrations(folder);
  const client = await pool.connect();
  try {
    await client.query('SELECT pg_advisory_lock($1)', [LOCK]);
    await client.query(TABLE);
    const applied = await appliedChecksums(client);
    const done: string[] = [];
    for (const migration of migrations) {
      const checksum = applied.get(migration.name);
      if (checksum === undefined) {
        await apply(client, migration);
        done.push(migration.name);
      } else if (checksum !== migration.checksum) {
        const message = `The migration ${migration.name} was changed after it was applied. Restore its file; put changes into a new migration.`;
        throw new DomainError('internal', 'migrationChanged', message);
      }
    }
    return done;
  } finally {
    await client.query('SELECT pg_advisory_unlock($1)', [LOCK]).catch(() => undefined);
    client.release();
  }
}

/**
 * The same within the caller's transaction, so that it counts together with what the caller does, or not at all.
 * @param wanted names of the migrations to apply; all when left out
 */
export async function migrateWithin(
  client: ClientBase,
  folder: string,
  wanted?: ReadonlySet<string>,
): Promise<void> {
  await client.query(TABLE);
  const applied = await appliedChecksums(client);
  for (const migration of await readMigrations(folder))
    if (!applied.has(migration.name) && (wanted?.has(migration.name) ?? true)) await run(client, migration);
}

/** The migrations of a folder, in the order they are applied. */
export async function readMigrations(folder: string): Promise<Migration[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  return Promise.all(
    names.sort().map(async (name) => {
      const sql = await readFile(join(folder, name, 'migration.sql'), 'utf8');
      return { name, sql, checksum: createHash('sha256').update(sql).digest('hex') };
    }),
  );
}

/**
 * Names and checksums of the migrations that a database has.
 * @throws DomainError `migrationUnfinished` when another tool began one and did not finish it
 */
export async function appliedChecksums(client: ClientBase): Promise<Map<string, string>> {
  const { rows } = await client.query<{ migration_name: string; checksum: string; finished_at: Date | null }>(
    'SELECT migration_name, checksum, finished_at FROM "_prisma_migrations" WHERE rolled_back_at IS NULL',
  );
  const unfinished = rows.find((row) => row.finished_at === null);
  if (unfinished !== undefined) {
    const message = `The migration ${unfinished.migration_name} was begun by another tool and not finished. Resolve it with “prisma migrate resolve”.`;
    throw new DomainError('internal', 'migrationUnfinished', message);
  }
  return new Map(rows.map((row) => [row.migration_name, row.checksum]));
}

async function apply(client: PoolClient, migration: Migration): Promise<void> {
  try {
    await client.query('BEGIN');
    await run(client, migration);
    await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK').catch(() => undefined);
    throw error;
  }
}

async function run(client: ClientBase, migration: Migration): Promise<void> {
  try {
    await client.query(migration.sql);
    await client.query(
      `INSERT INTO "_prisma_migrations" (id, checksum, finished_at, migration_name, applied_steps_count)
       VALUES ($1, $2, now(), $3, 1)`,
      [randomUUID(), migration.checksum, migration.name],
    );
  } catch (cause) {
    throw new DomainError(
      'internal',
      'migrationFailed',
      `The migration ${migration.name} failed: ${messageOf(cause)}`,
      { cause },
    );
  }
}
