import { Readable } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import type { Pool } from 'pg';
import { DomainError } from '#core/errors.js';
import { databaseTime, type Range } from '../store.js';
import { fileText, type PresentFile } from './columns.js';
import { pagesOf } from './pages.js';
import { PIECE_BYTES } from './pieces.js';
import { ZipWriter } from './zip.js';

/**
 * A zip with one `<messageId>.json` a message, oldest first, made while it is read. It reads pages by their place
 * instead of one long statement, so that a slow reader holds no database connection; messages that come meanwhile are
 * not in it. When no message is in the range it fails with {@link noMessages} before the first byte.
 */
export function archiveOf(pool: Pool, range: Range, present: PresentFile): Readable {
  return Readable.from(zipOf(pool, range, fileText(present)), {
    objectMode: false,
    highWaterMark: PIECE_BYTES,
  });
}

export const noMessages = (): DomainError =>
  new DomainError('notFound', 'noMessages', 'There are no messages in this range. Choose a wider one.');

async function* zipOf(pool: Pool, range: Range, content: string): AsyncGenerator<Buffer> {
  const now = await databaseTime(pool);
  const until = { ...range, to: range.to !== undefined && range.to < now ? range.to : now };
  const zip = new ZipWriter();
  for await (const page of pagesOf(pool, until, content)) {
    for (const file of page) {
      zip.file(`${file.id}.json`, file.content, file.at);
      if (!zip.hasFull) continue;
      yield* zip.takeFull();
      // Others have their turn between two pieces also when the reader takes them at once.
      await turn();
    }
  }
  if (zip.files === 0) throw noMessages();
  yield* zip.end();
}
