import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Pool } from 'pg';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { newDatabase } from '../../testing/service.js';
import { MIGRATIONS_FOLDER } from '../paths.js';
import { Database } from './database.js';

/**
 * The migrations are written by hand, so that no schema engine is needed: here the database they make is compared
 * with the Prisma schema the client is generated from.
 */
const SCHEMA_FOLDER = join(MIGRATIONS_FOLDER, '..');

interface Column {
  name: string;
  type: string;
  nullable: boolean;
  default: string | null;
}

interface Table {
  columns: Column[];
  /** As `pkey (a, b)`, `unique (a)`, `index (a, b)`, `index (a) using brin`. */
  indexes: string[];
  /** As `(a) -> other(b) on delete cascade`. */
  foreignKeys: string[];
}

const TYPES: Record<string, string> = {
  String: 'text',
  Int: 'integer',
  BigInt: 'bigint',
  Float: 'double precision',
  Boolean: 'boolean',
  Json: 'jsonb',
  Bytes: 'bytea',
  '@db.Uuid': 'uuid',
  '@db.SmallInt': 'smallint',
  '@db.Json': 'json',
  '@db.Timestamptz(3)': 'timestamp(3) with time zone',
};

/** Reads the models of the Prisma schema, as far as it is used here; anything else fails. */
async function readPrisma(): Promise<Map<string, Table>> {
  const files = (await readdir(SCHEMA_FOLDER, { recursive: true })).filter((name) =>
    name.endsWith('.prisma'),
  );
  const text = (await Promise.all(files.map((name) => readFile(join(SCHEMA_FOLDER, name), 'utf8')))).join(
    '\n',
  );
  const models = [...text.matchAll(/^model (\w+) \{\n(.*?)^\}/gms)].map(([, name = '', body = '']) => {
    const lines = body
      .split('\n')
      .map((line) => line.replace(/\/\/.*$/, '').trim())
      .filter(Boolean);
    return { name, lines, table: /@@map\("(\w+)"\)/.exec(body)?.[1] ?? name };
  });
  const tables = new Map(models.map(({ name, table }) => [name, table]));
  return new Map(models.map(({ lines, table }) => [table, readModel(lines, tables)]));
}

function readModel(lines: string[], tables: Map<string, string>): Table {
  const fields = lines.filter((line) => !line.startsWith('@@')).map(readField);
  const column = (field: string): string => fields.find(({ name }) => name === field)?.column ?? `?${field}`;
  const columns = (list: string): string =>
    list
      .split(',')
      .map((field) => column(field.trim()))
      .join(', ');
  const table: Table = { columns: [], indexes: [], foreignKeys: [] };
  for (const { type, optional, list, attributes, column: name } of fields) {
    const model = tables.get(type);
    if (model === undefined) {
      const native = /@db\.\w+(\(\d+\))?/.exec(attributes)?.[0];
      const fallback = TYPES[type] ?? `unknown ${type}`;
      table.columns.push({
        name,
        type: native === undefined ? fallback : (TYPES[native] ?? `unknown ${native}`),
        nullable: optional,
        default: defaultOf(attributes),
      });
      if (/@id\b/.test(attributes)) table.indexes.push(`pkey (${name})`);
      if (/@unique\b/.test(attributes)) table.indexes.push(`unique (${name})`);
    } else if (!list && attributes.includes('@relation')) {
      const relation = /fields: \[(.*?)\], references: \[(.*?)\](?:, onDelete: (\w+))?/.exec(attributes);
      const [, from = '', to = '', onDelete = optional ? 'SetNull' : 'Restrict'] = relation ?? [];
      const target = to.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
      table.foreignKeys.push(`(${columns(from)}) -> ${model}(${target}) on delete ${onDelete.toLowerCase()}`);
    }
  }
  const kinds = { '@@id': 'pkey', '@@unique': 'unique', '@@index': 'index' } as const;
  for (const line of lines) {
    const [, kind, list = '', method = 'Btree'] =
      /^(@@id|@@unique|@@index)\(\[(.*?)\](?:, type: (\w+))?/.exec(line) ?? [];
    if (kind === undefined) continue;
    const using = method === 'Btree' ? '' : ` using ${method.toLowerCase()}`;
    table.indexes.push(`${kinds[kind as keyof typeof kinds]} (${columns(list)})${using}`);
  }
  return table;
}

function readField(line: string) {
  const [, name = '', type = '', mark = '', attributes = ''] =
    /^(\w+)\s+(\w+)(\?|\[\])?\s*(.*)$/.exec(line) ?? [];
  const column = /@map\("(\w+)"\)/.exec(attributes)?.[1] ?? name;
  return { name, type, optional: mark === '?', list: mark === '[]', attributes, column };
}

/** The default in one form for both sides; of sequences only that there is one. */
function defaultOf(attributes: string): string | null {
  const generated = /@default\(dbgenerated\("(.*?)"\)\)/.exec(attributes)?.[1];
  if (generated !== undefined) return generated;
  const value = /@default\((now\(\)|autoincrement\(\)|".*?"|[\w.-]+)\)/.exec(attributes)?.[1];
  if (value === undefined) return null;
  if (value === 'now()') return 'CURRENT_TIMESTAMP';
  if (value === 'autoincrement()') return 'nextval';
  return value.replace(/^"(.*)"$/, "'$1'");
}

const COLUMNS = `
SELECT c.relname AS table, a.attname AS name, format_type(a.atttypid, a.atttypmod) AS type,
       NOT a.attnotnull AS nullable, pg_get_expr(d.adbin, d.adrelid) AS default
FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped
  AND c.relname <> '_prisma_migrations'
ORDER BY c.relname, a.attnum`;

const INDEXES = `
SELECT t.relname AS table, i.relname AS name, m.amname AS method,
       CASE WHEN x.indisprimary THEN 'pkey' WHEN x.indisunique THEN 'unique' ELSE 'index' END AS kind,
       array(SELECT a.attname::text FROM unnest(x.indkey::int2[]) WITH ORDINALITY k(num, place)
             JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = k.num
             WHERE k.place <= x.indnkeyatts ORDER BY k.place) AS columns
FROM pg_index x JOIN pg_class t ON t.oid = x.indrelid JOIN pg_class i ON i.oid = x.indexrelid
JOIN pg_am m ON m.oid = i.relam
-- Prisma has no words for partial indexes, nor for columns that an index only holds: they stand in the migrations alone.
WHERE x.indpred IS NULL AND t.relnamespace = 'public'::regnamespace AND t.relname <> '_prisma_migrations'`;

const FOREIGN_KEYS = `
SELECT t.relname AS table, pg_get_constraintdef(k.oid) AS definition
FROM pg_constraint k JOIN pg_class t ON t.oid = k.conrelid WHERE k.contype = 'f'`;

interface IndexRow {
  table: string;
  name: string;
  method: string;
  kind: string;
  columns: string[];
}

async function readDatabase(pool: Pool): Promise<Map<string, Table>> {
  const tables = new Map<string, Table>();
  for (const row of (await pool.query<Column & { table: string }>(COLUMNS)).rows) {
    const table = tables.get(row.table) ?? { columns: [], indexes: [], foreignKeys: [] };
    tables.set(row.table, table);
    const value = row.default?.replace(/^nextval\(.*$/, 'nextval').replace(/^('.*')::\w+$/, '$1') ?? null;
    table.columns.push({ name: row.name, type: row.type, nullable: row.nullable, default: value });
  }
  for (const { table, kind, columns, method } of (await pool.query<IndexRow>(INDEXES)).rows) {
    const using = method === 'btree' ? '' : ` using ${method}`;
    tables.get(table)?.indexes.push(`${kind} (${columns.join(', ')})${using}`);
  }
  for (const { table, definition } of (await pool.query<{ table: string; definition: string }>(FOREIGN_KEYS))
    .rows) {
    const [, from, target, to, onDelete] =
      /^FOREIGN KEY \((.*?)\) REFERENCES (\w+)\((.*?)\) ON UPDATE CASCADE ON DELETE (\w+)/.exec(definition) ??
      [];
    tables.get(table)?.foreignKeys.push(`(${from}) -> ${target}(${to}) on delete ${onDelete?.toLowerCase()}`);
  }
  return tables;
}

let copy: Awaited<ReturnType<typeof newDatabase>>;
let database: Database;
beforeAll(async () => {
  copy = await newDatabase();
  database = new Database({ url: copy.url, log: pino({ level: 'silent' }) });
});
afterAll(async () => {
  await database.close();
  await copy.drop();
});

const sorted = (table: Table): Table => ({
  columns: table.columns.toSorted((a, b) => a.name.localeCompare(b.name)),
  indexes: table.indexes.toSorted(),
  foreignKeys: table.foreignKeys.toSorted(),
});

test('the migrated database is the one the Prisma schema describes', async () => {
  const [wanted, found] = await Promise.all([readPrisma(), readDatabase(database.pool)]);
  expect([...found.keys()].sort()).toEqual([...wanted.keys()].sort());
  expect(wanted.size).toBeGreaterThan(10);
  for (const [name, table] of wanted) expect(sorted(found.get(name) as Table), name).toEqual(sorted(table));
});

test('indexes and keys carry the names that Prisma gives them, so that a later “prisma migrate” finds them', async () => {
  const { rows } = await database.pool.query<IndexRow>(INDEXES);
  const suffix: Record<string, string> = { pkey: 'pkey', unique: 'key', index: 'idx' };
  for (const { table, name, kind, columns } of rows)
    expect(name).toBe([table, ...(kind === 'pkey' ? [] : columns), suffix[kind]].join('_'));
});
