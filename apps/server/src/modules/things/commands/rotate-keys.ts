import type { Thing } from '@polyrelay/contract';
import type { FastifyInstance } from 'fastify';
import { notFound } from '#core/errors.js';
import type { Principal } from '#core/principal.js';
import { makeKeys, privateKeyPlace } from '../keys.js';
import { presentThing } from '../present.js';
import type { ThingRefs } from '../refs.js';
import { revoke } from '../revocation.js';
import { holdThing, loadThing } from '../store.js';
import { refuseFromHere } from './refuse.js';

/** Gives a thing new keys and a new certificate. The old ones, and tokens made with them, are refused from here on. */
export async function rotateKeys(
  app: FastifyInstance,
  refs: ThingRefs,
  principal: Principal,
  id: string,
): Promise<Thing> {
  const { name, ownerId } = await loadThing(app, principal, id);
  const { privateKey, ...keys } = await makeKeys(app, name);
  await app.events.transaction(async (tx, record) => {
    const { certificate, enabled, deleting } = await holdThing(tx, id);
    if (deleting) throw notFound('This thing');
    await revoke(tx, certificate);
    if (!enabled) await revoke(tx, keys.certificate);
    const keysMadeAt = new Date();
    await tx.thing.update({
      where: { id },
      data: {
        ...keys,
        privateKey: app.keyring.seal(privateKey, privateKeyPlace(id)),
        keysMadeAt,
        // Nobody downloads the new one yet.
        keyClaimedUntil: null,
      },
    });
    const payload = {
      keysMadeAt: keysMadeAt.toISOString(),
      certificateId: keys.certificateId,
      privateKey: 'available',
    };
    record({ topic: `things/${id}`, operation: 'UPDATE', ownerId, payload });
  });
  refuseFromHere(app, refs, id);
  await app.audit.record({
    actor: principal.email,
    action: 'thing.rotateKeys',
    target: name,
    detail: { id, certificateId: keys.certificateId },
  });
  return presentThing(await loadThing(app, principal, id));
}
