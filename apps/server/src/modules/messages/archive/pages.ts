import pg, { type Pool } from 'pg';
import { to } from 'pg-copy-streams';
import type { Place } from '../cursor.js';
import type { Range } from '../store.js';

/** One page: short enough that nothing else waits for the event loop or the database, however large the messages are. */
const PAGE = { limit: 4000, bytes: 2 * 1024 * 1024 };

/** A message as a file. */
export interface ArchivedFile extends Place {
  /** Bytes of its JSON text; only as long as the page is kept. */
  content: Buffer;
}

/**
 * All pages of a range, oldest first; the next one is on its way while one is being packed. A connection is held while
 * a page is read, not while a slow reader takes it.
 * @param content an SQL expression, text
 */
export async function* pagesOf(pool: Pool, range: Range, content: string): AsyncGenerator<ArchivedFile[]> {
  let page = await readPage(pool, pageAfter(range, undefined, content));
  while (page.length > 0) {
    const next = readPage(pool, pageAfter(range, page.at(-1), content));
    // Heard of when it is waited for, unless the reader goes away before.
    next.catch(() => undefined);
    yield page;
    page = await next;
  }
}

/** COPY takes no parameters. Times are numbers, since ISO 8601 and PostgreSQL write far years in different ways. */
const literal = (value: string | Date): string =>
  typeof value === 'string' ? pg.escapeLiteral(value) : `to_timestamp(${value.getTime() / 1000})`;

/** The statement that reads what lies behind a place, as far as a page may hold it. */
function pageAfter(
  { thingId, type, from, to: until }: Range,
  place: Place | undefined,
  content: string,
): string {
  const inRange = [
    `thing_id = ${literal(thingId)}`,
    ...(type === undefined ? [] : [`type = ${literal(type)}`]),
    ...(from === undefined ? [] : [`at >= ${literal(from)}`]),
    ...(until === undefined ? [] : [`at < ${literal(until)}`]),
    // An index scan begins at the bound of `at`, not at the place itself.
    ...(place === undefined
      ? []
      : [`at >= ${literal(place.at)}`, `(at, id) > (${literal(place.at)}, ${literal(place.id)})`]),
  ].join(' AND ');
  // The index alone knows where the page ends, so that no payload is read in vain. The outer LIMIT says nothing new,
  // but keeps the planner on the index.
  return `COPY (
    WITH page AS MATERIALIZED (
      SELECT at, id, sum(bytes) OVER (ORDER BY at, id ROWS UNBOUNDED PRECEDING) - bytes AS before
      FROM (SELECT at, id, bytes FROM messages WHERE ${inRange} ORDER BY at, id LIMIT ${PAGE.limit}) p
    ), last AS MATERIALIZED (
      SELECT at, id FROM page WHERE before < ${PAGE.bytes} ORDER BY at DESC, id DESC LIMIT 1
    )
    SELECT m.id::text, m.at, ${content} FROM messages m
    WHERE ${inRange} AND at <= (SELECT at FROM last) AND (at, id) <= (SELECT at, id FROM last)
    ORDER BY m.at, m.id LIMIT ${PAGE.limit}
  ) TO STDOUT (FORMAT binary)`;
}

async function readPage(pool: Pool, statement: string): Promise<ArchivedFile[]> {
  const client = await pool.connect();
  let broken = true;
  try {
    const chunks: Buffer[] = await client.query(to(statement)).toArray();
    broken = false;
    return filesOf(Buffer.concat(chunks));
  } finally {
    client.release(broken);
  }
}

/** Signature, flags and the length of an extension: PostgreSQL, COPY, "Binary Format". */
const COPY_HEADER = 19;
const COPY_TRAILER = -1;
const FIELD_COUNT = 2;
const FIELD_LENGTH = 4;
/** Times count microseconds from 2000 on. */
const EPOCH_2000 = Date.UTC(2000, 0);

/** The rows of a COPY: id, time, content. */
function filesOf(bytes: Buffer): ArchivedFile[] {
  const files: ArchivedFile[] = [];
  let offset = COPY_HEADER;
  /** Goes over a field. @returns where it begins */
  const field = (): number => {
    const begin = offset + FIELD_LENGTH;
    offset = begin + bytes.readInt32BE(offset);
    return begin;
  };
  while (bytes.readInt16BE(offset) !== COPY_TRAILER) {
    offset += FIELD_COUNT;
    const id = bytes.toString('latin1', field(), offset);
    const at = new Date(EPOCH_2000 + Number(bytes.readBigInt64BE(field())) / 1000);
    files.push({ id, at, content: bytes.subarray(field(), offset) });
  }
  return files;
}
