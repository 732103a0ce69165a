import type { Pool } from 'pg';

export type HeadOperator = '=' | '<>' | '<' | '>' | '<=' | '>=' | 'like';

/** Which of the messages that were collected: comparisons, joined. `file` is `<id>.json`. */
export type HeadFilter =
  | { kind: 'and' | 'or'; parts: HeadFilter[] }
  | { kind: 'constant'; value: boolean }
  | { kind: 'thing'; ids: string[] }
  | {
      kind: 'compare';
      column: 'file' | 'at' | 'bytes';
      operator: HeadOperator;
      value: string | number | Date;
    };

/** A message without its payload. */
export interface MessageHead {
  id: string;
  thingId: string;
  at: Date;
  bytes: number;
}

/** A count goes this far. */
const COUNTED = 100_000;

const COLUMN = { file: `(m.id::text || '.json')`, at: 'm.at', bytes: 'm.bytes' } as const;
const CAST = { file: 'text', at: 'timestamptz', bytes: 'numeric' } as const;

/** A part of the messages that things sent, oldest first of each thing, and how many there are (counted up to a bound). */
export async function readHeads(
  pool: Pool,
  thingIds: string[],
  filter: HeadFilter,
  { offset, limit }: { offset: number; limit: number },
): Promise<{ heads: MessageHead[]; total: number }> {
  if (thingIds.length === 0) return { heads: [], total: 0 };
  const values: unknown[] = [thingIds];
  const found = `FROM messages m WHERE m.thing_id = ANY($1::uuid[]) AND m.type = 'egress' AND ${sqlOf(filter, values)}`;
  const next = values.length + 1;
  const { rows: heads } = await pool.query<MessageHead>(
    `SELECT m.id, m.thing_id AS "thingId", m.at, m.bytes ${found}
     ORDER BY m.thing_id, m.at, m.id OFFSET $${next} LIMIT $${next + 1}`,
    [...values, offset, limit],
  );
  if (heads.length < limit && (heads.length > 0 || offset === 0))
    return { heads, total: offset + heads.length };
  const { rows } = await pool.query<{ total: number }>(
    `SELECT count(*)::int AS total FROM (SELECT 1 ${found} LIMIT $${next}) counted`,
    [...values, offset + limit + COUNTED],
  );
  return { heads, total: rows[0]?.total ?? 0 };
}

/** A filter as SQL; its values are appended to `values`. */
function sqlOf(filter: HeadFilter, values: unknown[]): string {
  switch (filter.kind) {
    case 'constant':
      return filter.value ? 'TRUE' : 'FALSE';
    case 'thing':
      return `m.thing_id = ANY($${values.push(filter.ids)}::uuid[])`;
    case 'compare':
      return `${COLUMN[filter.column]} ${filter.operator} $${values.push(filter.value)}::${CAST[filter.column]}`;
    default: {
      const parts = filter.parts.map((part) => sqlOf(part, values));
      return `(${parts.join(filter.kind === 'and' ? ' AND ' : ' OR ')})`;
    }
  }
}
