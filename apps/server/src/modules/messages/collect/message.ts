import type { NewEvent } from '#core/events/types.js';
import { insertedPayload } from '../present.js';

/** A message on its way into the store. */
export interface NewMessage {
  /** Chosen by the thing or new; one that was chosen may be stored already. */
  id: string;
  thingId: string;
  ownerId: string;
  /** JSON text without space around it. */
  json: string;
  /** As it came. */
  bytes: number;
}

/** The event that tells of a message that was stored at `at`. */
export const factOf = ({ id, thingId, ownerId, json, bytes }: NewMessage, at: Date): NewEvent => ({
  topic: `things/${thingId}/messages/${id}`,
  operation: 'INSERTION',
  ownerId,
  payload: insertedPayload({ type: 'egress', at, bytes, json, state: null }),
});

/**
 * The messages by their owners, whose usage each transaction locks until it ends: in the same order in all of them.
 */
export function ownersInOrder(messages: NewMessage[]): [ownerId: string, own: NewMessage[]][] {
  const owners = new Map<string, NewMessage[]>();
  for (const message of messages) {
    const own = owners.get(message.ownerId);
    if (own === undefined) owners.set(message.ownerId, [message]);
    else own.push(message);
  }
  return [...owners].sort(([a], [b]) => (a < b ? -1 : 1));
}
