import { ChannelRequest } from '@polyrelay/contract';
import type { FastifyInstance } from 'fastify';
import type { Principal } from '#core/principal.js';
import type { ChannelRef } from '../refs.js';

/** Makes a channel. */
export async function createChannel(
  app: FastifyInstance,
  { userId: ownerId, email }: Principal,
  request: ChannelRequest,
): Promise<ChannelRef> {
  const data = ChannelRequest.parse(request);
  const row = await app.events.transaction(async (tx, record) => {
    const made = await tx.channel.create({
      data: { ...data, ownerId, head: { create: {} }, tail: { create: {} } },
    });
    record({
      topic: `channels/${made.id}`,
      operation: 'INSERTION',
      ownerId,
      payload: { name: made.name, enabled: made.enabled },
    });
    return made;
  });
  await app.audit.record({ actor: email, action: 'channel.create', target: row.name });
  const { id, name, enabled, messagesTtl, topic } = row;
  return { id, ownerId, name, enabled, messagesTtl, topic };
}
