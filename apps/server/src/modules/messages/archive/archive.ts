import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import type { Message } from '@polyrelay/contract';
import type { Pool } from 'pg';
import { DomainError } from '#core/errors.js';
import type { Place } from '../cursor.js';
import { presentHead } from '../present.js';
import { databaseTime, type MessageRow, type Range, readWhole } from '../store.js';
import { ZipWriter } from './zip.js';

/** One page: short enough that nothing else waits for the event loop or the database, however large the messages are. */
const PAGE = { limit: 500, bytes: 2 * 1024 * 1024 };

/** So much goes to the reader in one piece. */
const CHUNK_BYTES = 256 * 1024;

/** What a file holds, of a message whose `payload` is a placeholder: the stored text takes its place. */
export type PresentFile = (message: Message) => unknown;

/**
 * A zip with one `<messageId>.json` a message, oldest first, made while it is read. It reads pages by their place
 * instead of one long statement, so that a slow reader holds no database connection; messages that come meanwhile are
 * not in it. When no message is in the range it fails with {@link noMessages} before the first byte.
 */
export function archiveOf(pool: Pool, range: Range, present: PresentFile): Readable {
  return Readable.from(zipOf(pool, range, present), { objectMode: false, highWaterMark: CHUNK_BYTES });
}

export const noMessages = (): DomainError =>
  new DomainError('notFound', 'noMessages', 'There are no messages in this range. Choose a wider one.');

async function* zipOf(pool: Pool, range: Range, present: PresentFile): AsyncGenerator<Buffer> {
  const now = await databaseTime(pool);
  const until = { ...range, to: range.to !== undefined && range.to < now ? range.to : now };
  const zip = new ZipWriter();
  const contentOf = contents(present);
  let chunk: Buffer[] = [];
  let bytes = 0;
  for await (const page of pagesOf(pool, until)) {
    for (const row of page) {
      for (const part of zip.file(`${row.id}.json`, contentOf(row), row.at)) {
        chunk.push(part);
        bytes += part.length;
      }
      if (bytes < CHUNK_BYTES) continue;
      yield Buffer.concat(chunk, bytes);
      chunk = [];
      bytes = 0;
      // Others have their turn between two pieces also when the reader takes them at once.
      await turn();
    }
  }
  yield Buffer.concat([...chunk, ...zip.end()]);
}

/** All pages of a range; the next one is on its way while one is being packed. @throws noMessages */
async function* pagesOf(pool: Pool, range: Range): AsyncGenerator<MessageRow[]> {
  const read = (place?: Place) => readWhole(pool, range, { place, ...PAGE });
  let page = await read();
  if (page.length === 0) throw noMessages();
  while (page.length > 0) {
    const next = read(page.at(-1));
    // Heard of when it is waited for, unless the reader goes away before.
    next.catch(() => undefined);
    yield page;
    page = await next;
  }
}

/** How a file's content is made: without parsing the payload, which would round its long numbers. */
function contents(present: PresentFile): (row: MessageRow) => Buffer {
  const placeholder = randomUUID();
  const quoted = `"${placeholder}"`;
  return (row) => {
    const text = JSON.stringify(present({ ...presentHead(row), payload: placeholder }));
    const at = text.indexOf(quoted);
    if (at === -1) return Buffer.from(text);
    return Buffer.from(text.slice(0, at) + row.json + text.slice(at + quoted.length));
  };
}
