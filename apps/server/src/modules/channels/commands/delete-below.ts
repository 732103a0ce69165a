import type { FastifyInstance } from 'fastify';
import { notFound } from '#core/errors.js';
import type { ChannelRef } from '../refs.js';

const MOVE = `
UPDATE channel_tails t SET first_key = least($2::bigint, h.next_key)
FROM channel_heads h WHERE t.channel_id = $1 AND h.channel_id = $1 AND t.first_key < least($2::bigint, h.next_key)
RETURNING t.first_key`;

/**
 * Deletes the messages with a smaller key: they cannot be seen from the commit on, however many they are. A key beyond
 * the last message deletes all there are.
 * @returns the first key from now on
 * @throws notFound
 */
export async function deleteBelow(app: FastifyInstance, channel: ChannelRef, key: number): Promise<number> {
  const { id, ownerId } = channel;
  const moved = await app.events.sql(async (client, record) => {
    const { rows } = await client.query<{ first_key: string }>({
      name: 'channel-delete-below',
      text: MOVE,
      values: [id, key],
    });
    const row = rows[0];
    if (row === undefined) return undefined;
    const firstKey = Number(row.first_key);
    record({ topic: `channels/${id}/messages`, operation: 'DELETION', ownerId, payload: { firstKey } });
    return firstKey;
  });
  if (moved !== undefined) return moved;
  const { rows } = await app.database.pool.query<{ first_key: string }>(
    'SELECT first_key FROM channel_tails WHERE channel_id = $1',
    [id],
  );
  if (rows[0] === undefined) throw notFound('This channel');
  return Number(rows[0].first_key);
}
