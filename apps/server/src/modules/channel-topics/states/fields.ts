import type { Pool } from 'pg';

/** What `flespi/state/gw/channels/<id>/<field>` tells, each as JSON. */
export interface ChannelState {
  name: string;
  enabled: boolean;
  messages_ttl: number;
  protocol_name: string;
  messages_size: number;
}

export const STATE_FIELDS = ['name', 'enabled', 'messages_ttl', 'protocol_name', 'messages_size'] as const;
export type StateField = (typeof STATE_FIELDS)[number];

export interface OwnedState {
  id: number;
  ownerId: string;
  state: ChannelState;
}

interface Row extends Omit<ChannelState, 'messages_size'> {
  id: number;
  owner_id: string;
  messages_size: string;
}

/** The states of channels: of one, of all that a user owns, or of all. */
export async function readStates(
  pool: Pool,
  { id = null, ownerId = null }: { id?: number | null; ownerId?: string | null },
): Promise<OwnedState[]> {
  const { rows } = await pool.query<Row>({
    name: 'channel-states',
    text: `SELECT c.id, c.owner_id, c.name, c.enabled, c.messages_ttl, c.protocol_name,
                  h.bytes - t.deleted_bytes AS messages_size
           FROM channels c JOIN channel_heads h ON h.channel_id = c.id JOIN channel_tails t ON t.channel_id = c.id
           WHERE ($1::int IS NULL OR c.id = $1) AND ($2::uuid IS NULL OR c.owner_id = $2) ORDER BY c.id`,
    values: [id, ownerId],
  });
  return rows.map(({ id: channelId, owner_id, messages_size, ...state }) => ({
    id: channelId,
    ownerId: owner_id,
    state: { ...state, messages_size: Number(messages_size) },
  }));
}
