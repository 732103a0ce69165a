import type { ChannelChange } from '@polyrelay/contract';
import type { FastifyInstance } from 'fastify';
import { notFound } from '#core/errors.js';
import type { Principal } from '#core/principal.js';
import type { Prisma } from '#generated/prisma/client.js';
import type { ChannelRef } from '../refs.js';

/** What can be changed: through the own API {@link ChannelChange}, through flespi's what clients keep there too. */
export type AnyChannelChange = ChannelChange & { configuration?: Record<string, unknown> };

/** Changes a channel's settings; what is left out stays. @throws notFound */
export async function changeChannel(
  app: FastifyInstance,
  principal: Principal,
  { id, ownerId, name }: ChannelRef,
  change: AnyChannelChange,
): Promise<void> {
  const data = Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined));
  if (Object.keys(data).length === 0) return;
  // Whoever listens needs to know that it changed, not everything a client keeps in it.
  const { configuration, ...payload } = data;
  await app.events.transaction(async (tx, record) => {
    const { count } = await tx.channel.updateMany({
      where: { id },
      data: data as Prisma.ChannelUpdateManyMutationInput,
    });
    if (count === 0) throw notFound('This channel');
    record({ topic: `channels/${id}`, operation: 'UPDATE', ownerId, payload });
  });
  app.channels.refs.forget(id);
  const detail = { id, ...payload, ...(configuration === undefined ? {} : { configuration: 'changed' }) };
  await app.audit.record({ actor: principal.email, action: 'channel.change', target: name, detail });
}
