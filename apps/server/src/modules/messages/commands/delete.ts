import type { FastifyInstance } from 'fastify';
import { databaseTime, deletePage, type Range } from '../store.js';

/** So many in one transaction: none lasts long. */
const PAGE = 1000;

/** Deletes messages of a thing in pages, oldest first, and says so once. @returns how many */
export async function deleteMessages(
  app: FastifyInstance,
  ownerId: string,
  range: Range,
  signal?: AbortSignal,
): Promise<number> {
  const to = range.to ?? new Date((await databaseTime(app.database.pool)).getTime() + 1);
  const left = { ...range, to };
  let total = 0;
  for (;;) {
    const { deleted, until, isLast } = await app.events.sql(async (client, record) => {
      const page = await deletePage(client, left, PAGE);
      const isLast = page.deleted < PAGE || signal?.aborted === true;
      if (isLast && total + page.deleted > 0)
        record({
          topic: `things/${range.thingId}/messages`,
          operation: 'DELETION',
          ownerId,
          payload: { ...presentRange(range), deleted: total + page.deleted },
        });
      return { ...page, isLast };
    });
    total += deleted;
    if (isLast || until === null) return total;
    // On from here: what was deleted stays in the index for a while.
    left.from = until;
  }
}

const presentRange = ({ type, from, to }: Range): Record<string, string> => ({
  ...(type === undefined ? {} : { type }),
  ...(from === undefined ? {} : { from: from.toISOString() }),
  ...(to === undefined ? {} : { to: to.toISOString() }),
});
