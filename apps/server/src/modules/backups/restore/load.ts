import { pipeline } from 'node:stream/promises';
import pg, { type ClientBase } from 'pg';
import { migrateWithin, readMigrations } from '#core/database/migrate.js';
import { type Manifest, tablePart } from '../archive/manifest.js';
import type { BackupFile } from '../archive/read.js';
import { copyIn, plainText, readTables } from '../archive/tables.js';
import { damaged } from '../encryption/format.js';

/** How long another program's lock on a table is waited for. */
const LOCK_WAIT = '10s';

const id = (name: string): string => pg.escapeIdentifier(name);

/**
 * Makes a database what the backup says, within the caller's transaction: removes the service's tables, migrates as
 * far as the backup was, takes its rows, migrates on.
 * @param migrations folder of the migrations
 * @returns tables of the backup that no migration makes: other programs', left out
 */
export async function load(
  client: ClientBase,
  backup: BackupFile,
  migrations: string,
  onStep: (step: string) => void,
): Promise<string[]> {
  const { manifest } = backup;
  await plainText(client);
  await client.query(`SET LOCAL lock_timeout = '${LOCK_WAIT}'`);
  await dropTables(client, migrations);
  await migrateWithin(client, migrations, new Set(manifest.migrations.map(({ name }) => name)));
  const known = new Set((await readTables(client)).map(({ name }) => name));
  const restoreReferences = await dropReferences(client);
  for (const table of manifest.tables.filter(({ name }) => known.has(name))) {
    onStep(table.name);
    await loadTable(client, backup, table);
  }
  await restoreReferences();
  await setSequences(client, manifest.sequences);
  onStep('migrations');
  await migrateWithin(client, migrations);
  // Whoever was connected to the service of the backup is not connected to this one.
  await client.query('DELETE FROM monitor_sessions');
  await client.query(
    `INSERT INTO audit_entries (actor, action, target, detail) VALUES ('system', 'backup.restore', $1, $2)`,
    [manifest.createdAt, { version: manifest.version }],
  );
  // Without it the first plans are made as for empty tables.
  for (const { name } of await readTables(client)) await client.query(`ANALYZE ${id(name)}`);
  return manifest.tables.map(({ name }) => name).filter((name) => !known.has(name));
}

/** Tables that other programs put into the same database stay. */
async function dropTables(client: ClientBase, folder: string): Promise<void> {
  const texts = (await readMigrations(folder)).map(({ sql }) => sql).join('\n');
  const names = [...texts.matchAll(/CREATE TABLE (?:IF NOT EXISTS )?"?(\w+)/gi)].map(([, name = '']) => name);
  for (const name of [...names, '_prisma_migrations'])
    await client.query(`DROP TABLE IF EXISTS ${id(name)} CASCADE`);
}

/** Foreign keys are taken away while rows come in, in any order, and then checked all at once. @returns puts them back */
async function dropReferences(client: ClientBase): Promise<() => Promise<void>> {
  const { rows } = await client.query<{ relation: string; name: string; definition: string }>(
    `SELECT conrelid::regclass::text AS relation, conname::text AS name, pg_get_constraintdef(oid) AS definition
     FROM pg_constraint
     WHERE contype = 'f' AND conparentid = 0 AND connamespace = current_schema()::regnamespace`,
  );
  for (const { relation, name } of rows)
    await client.query(`ALTER TABLE ${relation} DROP CONSTRAINT ${id(name)}`);
  return async () => {
    for (const { relation, name, definition } of rows)
      await client.query(`ALTER TABLE ${relation} ADD CONSTRAINT ${id(name)} ${definition}`);
  };
}

async function loadTable(
  client: ClientBase,
  backup: BackupFile,
  table: Manifest['tables'][number],
): Promise<void> {
  // A migration may have put rows there.
  await client.query(`DELETE FROM ${id(table.name)}`);
  const into = copyIn(client, table);
  await pipeline(await backup.read(tablePart(table.name)), into);
  if (into.rowCount !== table.rows) throw damaged(`${table.name} has ${into.rowCount} rows of ${table.rows}`);
}

async function setSequences(client: ClientBase, sequences: Manifest['sequences']): Promise<void> {
  for (const { name, last } of sequences)
    await client.query(
      `SELECT setval(c.oid::regclass, $2::bigint) FROM pg_class c
       WHERE c.relname = $1 AND c.relkind = 'S' AND c.relnamespace = current_schema()::regnamespace
         AND $2::bigint IS NOT NULL`,
      [name, last],
    );
}
