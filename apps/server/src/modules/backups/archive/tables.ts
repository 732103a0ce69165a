import type { Readable, Writable } from 'node:stream';
import pg, { type ClientBase } from 'pg';
import { from, to } from 'pg-copy-streams';
import type { Manifest } from './manifest.js';

export interface Table {
  name: string;
  columns: string[];
}

/** The migrations' own table is not data: a restore writes it by migrating. */
const MIGRATIONS = '_prisma_migrations';

const id = (name: string): string => pg.escapeIdentifier(name);
const list = (names: string[]): string => names.map(id).join(', ');

/** Every statement from here on sees the database of this moment, however long it takes and whatever others write. */
export async function beginSnapshot(client: ClientBase): Promise<void> {
  await client.query('BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY');
  await client.query('SET LOCAL idle_in_transaction_session_timeout = 0');
  await plainText(client);
}

/** Values are written and read the same whatever the server's defaults are; a large table may take its time. */
export async function plainText(client: ClientBase): Promise<void> {
  await client.query(
    `SET LOCAL statement_timeout = 0; SET LOCAL datestyle = 'ISO, YMD'; SET LOCAL intervalstyle = 'postgres';
     SET LOCAL timezone = 'UTC'; SET LOCAL extra_float_digits = 1; SET LOCAL bytea_output = 'hex'`,
  );
}

/** The tables that hold data, with the columns that are stored. */
export async function readTables(client: ClientBase): Promise<Table[]> {
  const { rows } = await client.query<Table>(
    `SELECT c.relname::text AS name, array_agg(a.attname::text ORDER BY a.attnum) AS columns
     FROM pg_class c
     JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
     WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
       AND c.relname <> $1
     GROUP BY c.relname ORDER BY c.relname`,
    [MIGRATIONS],
  );
  return rows;
}

/** Sequences do not belong to a snapshot: read after the tables, they are never behind them. */
export async function readSequences(client: ClientBase): Promise<Manifest['sequences']> {
  const { rows } = await client.query<Manifest['sequences'][number]>(
    `SELECT sequencename::text AS name, last_value::text AS last
     FROM pg_sequences WHERE schemaname = current_schema() ORDER BY sequencename`,
  );
  return rows;
}

/** A table as COPY text; `rowCount` is known at its end. */
export const copyOut = (client: ClientBase, { name, columns }: Table): Readable & { rowCount: number } =>
  client.query(to(`COPY (SELECT ${list(columns)} FROM ${id(name)}) TO STDOUT`));

/** Takes a table as COPY text; `rowCount` is known at its end. */
export const copyIn = (client: ClientBase, { name, columns }: Table): Writable & { rowCount: number } =>
  client.query(from(`COPY ${id(name)} (${list(columns)}) FROM STDIN`));
