import { type NodeServer, type NodeServerRequest, versionOf, wantsIngress } from '@polyrelay/contract';
import type { z } from 'zod';
import { isUniqueViolation } from '#core/database/database.js';
import { DomainError, notFound } from '#core/errors.js';
import { owns, type Principal } from '#core/principal.js';
import { newToken } from '#core/secrets/tokens.js';
import type { Context } from '../context.js';
import { allocatePort } from '../ingress.js';
import { presentNodeServer } from '../present.js';
import { secretPlace } from '../store/rows.js';
import { checkSource } from './check-source.js';
import { homeController } from './controllers.js';

/** Seconds between polls where neither server.json nor the user says. */
const DEFAULT_POLLS = { shortPoll: 60, longPoll: 600 };

const SLOTS = Array.from({ length: 25 }, (_, i) => i + 1);

/** What is registered; the last three cannot be asked for by request. */
export type Registration = z.output<typeof NodeServerRequest> & {
  /** The one in server.json when left out. */
  name?: string | undefined;
  development?: boolean;
  /** Entry of the store that it comes from. */
  catalogueEntry?: string;
};

/** Registers a node server: its slot, worker id, certificate and PGURL. It is started by the event this records. */
export async function registerNodeServer(
  context: Context,
  principal: Principal,
  request: Registration,
): Promise<NodeServer> {
  const { app } = context;
  const { serverJson, source, oauth } = request;
  const runtime = request.runtime ?? (source === undefined ? 'local' : app.nodeServers.runtimes.default);
  await checkSource(app, principal, runtime, source);
  const controller =
    request.controllerId === undefined
      ? await homeController(app, principal.userId)
      : await app.database.prisma.controller.findUnique({ where: { id: request.controllerId } });
  if (controller === null || !owns(principal, controller.ownerId)) throw notFound('This controller');

  const worker = newToken(18).replaceAll('-', 'x').replaceAll('_', 'y');
  const identity = await app.authority.issueClient(worker);
  const seal = (column: Parameters<typeof secretPlace>[0], text: string) =>
    app.keyring.seal(text, secretPlace(column, worker));
  const data = {
    ownerId: controller.ownerId,
    controllerId: controller.id,
    worker,
    name: request.name ?? serverJson.name,
    language: serverJson.type,
    version: versionOf(serverJson),
    serverJson: serverJson as object,
    ...(source === undefined ? {} : { source }),
    runtime,
    ...(request.limits === undefined ? {} : { limits: request.limits }),
    development: request.development ?? false,
    catalogueEntry: request.catalogueEntry ?? null,
    desired: request.start && runtime !== 'local' ? 'running' : 'stopped',
    shortPoll: serverJson.shortPoll ?? DEFAULT_POLLS.shortPoll,
    longPoll: serverJson.longPoll ?? DEFAULT_POLLS.longPoll,
    customParams: (request.customParams ?? {}) as object,
    ingressRequired: wantsIngress(serverJson),
    oauthUrl: oauth?.url ?? null,
    oauthClientId: oauth?.clientId ?? null,
    oauthClientSecret: oauth?.clientSecret ? seal('oauth_client_secret', oauth.clientSecret) : null,
    pgSecret: seal('pg_secret', newToken()),
    certificate: identity.certificate,
    privateKey: seal('private_key', identity.privateKey),
  };
  const row = await app.events
    .transaction(async (tx, record) => {
      // Two registrations at once get two slots.
      await tx.$queryRaw`SELECT id FROM controllers WHERE id = ${controller.id}::uuid FOR UPDATE`;
      const slot =
        request.slot ??
        (await freeSlot(
          (
            await tx.nodeServer.findMany({ where: { controllerId: controller.id }, select: { slot: true } })
          ).map((one) => one.slot),
        ));
      const ingressPort = data.ingressRequired ? await allocatePort(app, tx, runtime) : null;
      const made = await tx.nodeServer.create({
        data: { ...data, slot, ingressPort },
        include: { controller: true },
      });
      record({
        topic: `nodeServers/${made.id}`,
        operation: 'INSERTION',
        ownerId: made.ownerId,
        payload: { name: made.name, slot, state: made.state },
      });
      return made;
    })
    .catch((error: unknown) => {
      if (!isUniqueViolation(error)) throw error;
      const message = `Slot ${request.slot ?? ''} of “${controller.name}” is taken. Choose another one, or leave the slot out to get a free one.`;
      throw new DomainError('conflict', 'slotTaken', message, {
        cause: error,
        errors: [{ path: 'slot', message }],
      });
    });
  await app.audit.record({
    actor: principal.email,
    action: 'nodeServer.register',
    target: row.name,
    detail: { id: row.id, slot: row.slot },
  });
  return presentNodeServer(app, row, [], []);
}

function freeSlot(taken: number[]): number {
  const free = SLOTS.find((slot) => !taken.includes(slot));
  if (free === undefined)
    throw new DomainError(
      'conflict',
      'noFreeSlot',
      'All 25 slots of this controller are taken. Delete a node server, or add a controller.',
    );
  return free;
}
