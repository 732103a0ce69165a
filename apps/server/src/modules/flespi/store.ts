import type { FlespiChannel } from '@polyrelay/contract';
import type { FastifyInstance } from 'fastify';

/** So many channels one answer lists. */
const MAX_LISTED = 10_000;

interface ChannelRow {
  id: number;
  name: string;
  protocol_name: string;
  enabled: boolean;
  configuration: Record<string, unknown>;
  messages_ttl: number;
  messages_size: string;
  connections_count: number;
}

/** Channels by id and owner; undefined: whichever. */
export async function listChannels(
  app: FastifyInstance,
  { ids, ownerId }: { ids: number[] | undefined; ownerId: string | undefined },
): Promise<FlespiChannel[]> {
  const { rows } = await app.database.pool.query<ChannelRow>({
    name: 'flespi-channels',
    text: `
      SELECT c.id, c.name, c.protocol_name, c.enabled, c.configuration, c.messages_ttl,
        CASE WHEN h.next_key > t.first_key THEN h.bytes - t.deleted_bytes ELSE 0 END AS messages_size,
        (SELECT count(*)::int FROM channel_readers r
         WHERE r.channel_id = c.id AND r.last_read_at > now() - interval '1 minute') AS connections_count
      FROM channels c JOIN channel_heads h ON h.channel_id = c.id JOIN channel_tails t ON t.channel_id = c.id
      WHERE ($1::int[] IS NULL OR c.id = ANY($1)) AND ($2::uuid IS NULL OR c.owner_id = $2)
      ORDER BY c.id LIMIT ${MAX_LISTED}`,
    values: [ids ?? null, ownerId ?? null],
  });
  const base = app.endpoints.publicUrl();
  return rows.map((row) => ({
    id: row.id,
    name: row.name,
    protocol_name: row.protocol_name,
    enabled: row.enabled,
    configuration: row.configuration,
    messages_ttl: row.messages_ttl,
    uri: `${base}/gw/channels/${row.id}/messages`,
    messages_size: Number(row.messages_size),
    connections_count: row.connections_count,
  }));
}
