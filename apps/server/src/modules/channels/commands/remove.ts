import type { FastifyInstance } from 'fastify';
import { notFound } from '#core/errors.js';
import type { Principal } from '#core/principal.js';
import type { ChannelRef } from '../refs.js';

/** Deletes a channel with everything. Nobody sees its messages any more; their rows go afterwards. @throws notFound */
export async function removeChannel(
  app: FastifyInstance,
  principal: Principal,
  { id, ownerId, name }: ChannelRef,
): Promise<void> {
  await app.events.transaction(async (tx, record) => {
    const { count } = await tx.channel.deleteMany({ where: { id } });
    if (count === 0) throw notFound('This channel');
    record({ topic: `channels/${id}`, operation: 'DELETION', ownerId, payload: { name } });
  });
  app.channels.refs.forget(id);
  await app.audit.record({ actor: principal.email, action: 'channel.delete', target: name, detail: { id } });
}
