import { randomUUID } from 'node:crypto';
import { type Thing, ThingRequest } from '@polyrelay/contract';
import type { FastifyInstance } from 'fastify';
import { isUniqueViolation } from '#core/database/database.js';
import { DomainError } from '#core/errors.js';
import type { Principal } from '#core/principal.js';
import { makeKeys, privateKeyPlace } from '../keys.js';
import { presentThing } from '../present.js';
import { loadThing } from '../store.js';

/**
 * Makes a thing: its name with the owner's short id in front, its keys, its certificate.
 * @throws conflict `nameTaken`, forbidden `overLimit`
 */
export async function createThing(
  app: FastifyInstance,
  principal: Principal,
  request: ThingRequest,
): Promise<Thing> {
  const { name: label, type, keepPrivateKey } = ThingRequest.parse(request);
  const { userId: ownerId, email } = principal;
  const name = `${ownerId.slice(0, 8)}-${label}`;
  const { things: limit } = await app.policies.limitsOf(ownerId);
  await refuseEarly(app, ownerId, name, limit);
  const id = randomUUID();
  const { privateKey, ...keys } = await makeKeys(app, name);
  try {
    await app.events.transaction(async (tx, record) => {
      await app.policies.admitThing(tx, ownerId, limit);
      await tx.thing.create({
        data: {
          id,
          ownerId,
          name,
          type,
          keepPrivateKey,
          ...keys,
          privateKey: app.keyring.seal(privateKey, privateKeyPlace(id)),
          activity: { create: {} },
        },
      });
      const payload = { name, type, status: 'created', enabled: true };
      record({ topic: `things/${id}`, operation: 'INSERTION', ownerId, payload });
    });
  } catch (error) {
    if (isUniqueViolation(error)) throw taken(name);
    throw error;
  }
  await app.audit.record({ actor: email, action: 'thing.create', target: name, detail: { id } });
  return presentThing(await loadThing(app, principal, id));
}

/** Before keys are made for nothing; what counts is checked again with the row itself. */
async function refuseEarly(
  app: FastifyInstance,
  ownerId: string,
  name: string,
  limit: number | null,
): Promise<void> {
  const { thing } = app.database.prisma;
  if ((await thing.findUnique({ where: { name }, select: { id: true } })) !== null) throw taken(name);
  if (limit !== null && (await thing.count({ where: { ownerId } })) >= limit)
    throw await app.policies.overLimit(ownerId, 'things');
}

const taken = (name: string): DomainError =>
  new DomainError('conflict', 'nameTaken', `There is a thing ${name} already. Choose another name.`, {
    errors: [{ path: 'name', message: `${name} is taken` }],
  });
