import type { FastifyInstance } from 'fastify';
import { notFound } from '#core/errors.js';
import type { Owner } from './create.js';

/** Deletes a monitor of `owner` with its blocks; its session ends. @throws notFound */
export async function removeMonitor(
  app: FastifyInstance,
  { userId: ownerId, email }: Owner,
  id: number,
): Promise<void> {
  const topic = await app.events.transaction(async (tx, record) => {
    const [gone] = await tx.$queryRaw<{ topic: string }[]>`
      DELETE FROM monitors WHERE id = ${id} AND owner_id = ${ownerId}::uuid RETURNING topic`;
    if (gone === undefined) throw notFound('This monitor');
    record({ topic: `monitors/${id}`, operation: 'DELETION', ownerId, payload: { topic: gone.topic } });
    return gone.topic;
  });
  await app.audit.record({ actor: email, action: 'monitor.delete', target: topic, detail: { id } });
}
