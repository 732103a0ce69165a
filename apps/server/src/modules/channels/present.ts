import type { Channel, ChannelMessage, ChannelSummary } from '@polyrelay/contract';
import type { StoredChannelMessage } from './store.js';

/** A channel with what it holds, as the database has it. */
export interface ChannelRow {
  id: number;
  owner_id: string;
  name: string;
  protocol_name: string;
  enabled: boolean;
  topic: string | null;
  configuration: Record<string, unknown>;
  messages_ttl: number;
  created_at: Date;
  first_key: string;
  next_key: string;
  /** Of all messages there ever were, and of those whose rows are gone. */
  bytes: string;
  deleted_bytes: string;
  last_at: Date | null;
}

export function presentSummary(row: ChannelRow): ChannelSummary {
  const [firstKey, nextKey] = [Number(row.first_key), Number(row.next_key)];
  const messages = nextKey - firstKey;
  return {
    id: row.id,
    ownerId: row.owner_id,
    name: row.name,
    enabled: row.enabled,
    protocolName: row.protocol_name,
    messagesTtl: row.messages_ttl,
    firstKey,
    nextKey,
    messages,
    // What was deleted just now is counted until its rows are gone.
    messagesSize: messages === 0 ? 0 : Number(row.bytes) - Number(row.deleted_bytes),
    lastMessageAt: row.last_at?.toISOString() ?? null,
    createdAt: row.created_at.toISOString(),
  };
}

export const presentChannel = (row: ChannelRow): Channel => ({
  ...presentSummary(row),
  topic: row.topic,
  configuration: row.configuration,
  uri: `/gw/channels/${row.id}/messages`,
});

/** A message as JSON text, itself as it came: parsing would round its long numbers. */
export function presentText(stored: StoredChannelMessage): string {
  const { key, ident, timestamp, bytes } = stored;
  const head: Omit<ChannelMessage, 'message'> = { key, ident, timestamp, at: stored.at.toISOString(), bytes };
  return `${JSON.stringify(head).slice(0, -1)},"message":${stored.json}}`;
}
