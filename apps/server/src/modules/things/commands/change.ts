import type { Thing, ThingChange } from '@polyrelay/contract';
import type { FastifyInstance } from 'fastify';
import { notFound } from '#core/errors.js';
import type { Principal } from '#core/principal.js';
import { presentThing } from '../present.js';
import type { ThingRefs } from '../refs.js';
import { reinstate, revoke } from '../revocation.js';
import { holdThing, loadThing } from '../store.js';
import { refuseFromHere } from './refuse.js';

/** Changes what the user may change. A disabled thing's certificate and tokens are refused, its connection ends. */
export async function changeThing(
  app: FastifyInstance,
  refs: ThingRefs,
  principal: Principal,
  id: string,
  change: ThingChange,
): Promise<Thing> {
  const row = await loadThing(app, principal, id);
  const { type = row.type, enabled = row.enabled, keepPrivateKey = row.keepPrivateKey } = change;
  const payload = {
    ...(type === row.type ? {} : { type }),
    ...(enabled === row.enabled ? {} : { enabled }),
    ...(keepPrivateKey === row.keepPrivateKey ? {} : { keepPrivateKey }),
  };
  if (Object.keys(payload).length === 0) return presentThing(row);
  await app.events.transaction(async (tx, record) => {
    const { certificate, deleting } = await holdThing(tx, id);
    if (deleting) throw notFound('This thing');
    await tx.thing.update({ where: { id }, data: payload });
    if (payload.enabled === false) await revoke(tx, certificate);
    if (payload.enabled === true) await reinstate(tx, certificate);
    record({ topic: `things/${id}`, operation: 'UPDATE', ownerId: row.ownerId, payload });
  });
  if (payload.enabled === false) refuseFromHere(app, refs, id);
  else refs.forget(id);
  const action =
    payload.enabled === undefined ? 'thing.change' : payload.enabled ? 'thing.enable' : 'thing.disable';
  await app.audit.record({
    actor: principal.email,
    action,
    target: row.name,
    detail: { id, ...payload },
  });
  return presentThing(await loadThing(app, principal, id));
}
