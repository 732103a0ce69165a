import type { FastifyInstance } from 'fastify';
import { notFound } from '#core/errors.js';
import { owns, type Principal } from '#core/principal.js';
import type { ThingRefs } from '../refs.js';
import { revoke } from '../revocation.js';
import { holdThing } from '../store.js';
import { refuseFromHere } from './refuse.js';

/** A thing that is being deleted. */
export interface DeletedThing {
  id: string;
  ownerId: string;
  name: string;
}

/** Deletes what a module keeps of a thing. It may be called again for the same one, after a crash in the middle. */
export type DeleteHook = (thing: DeletedThing) => Promise<void>;

/** What deleting needs. */
export interface Removal {
  app: FastifyInstance;
  refs: ThingRefs;
  hooks: DeleteHook[];
}

/**
 * Deletes a thing with everything. From the first commit on nobody sees it any more and it is refused everywhere; its
 * messages may take longer. What an error interrupts is finished by calling it again, what a crash does by the next start.
 * @throws notFound, for what is somebody else’s too
 */
export async function removeThing(removal: Removal, principal: Principal, id: string): Promise<void> {
  const { app, refs } = removal;
  const select = { id: true, ownerId: true, name: true };
  const thing = await app.database.prisma.thing.findUnique({ where: { id }, select });
  if (thing === null || !owns(principal, thing.ownerId)) throw notFound('This thing');
  const { ownerId, name } = thing;
  await app.events.transaction(async (tx, record) => {
    const { certificate, deleting } = await holdThing(tx, id);
    if (deleting) return;
    await revoke(tx, certificate);
    await tx.thing.update({ where: { id }, data: { deleting: true, enabled: false } });
    record({ topic: `things/${id}`, operation: 'UPDATE', ownerId, payload: { enabled: false } });
  });
  refuseFromHere(app, refs, id);
  await app.audit.record({ actor: principal.email, action: 'thing.delete', target: name, detail: { id } });
  await finish(removal, thing);
}

/** Finishes what a crash interrupted. Never fails: what it cannot delete the next start tries again. */
export async function finishRemovals(removal: Removal): Promise<void> {
  const { app } = removal;
  try {
    const things = await app.database.prisma.thing.findMany({
      where: { deleting: true },
      select: { id: true, ownerId: true, name: true },
    });
    for (const thing of things) await finish(removal, thing);
  } catch (error) {
    app.logger.error({ err: error }, 'a thing could not be deleted; the next start tries again');
  }
}

async function finish({ app, hooks }: Removal, { id, ownerId, name }: DeletedThing): Promise<void> {
  for (const hook of hooks) await hook({ id, ownerId, name });
  await app.events.transaction(async (tx, record) => {
    const { count } = await tx.thing.deleteMany({ where: { id } });
    if (count === 1) record({ topic: `things/${id}`, operation: 'DELETION', ownerId, payload: { name } });
  });
}
