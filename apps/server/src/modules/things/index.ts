import type { FastifyInstance } from 'fastify';
import fp from 'fastify-plugin';
import { distributionRoutes } from './distribution/routes.js';
import { resealPrivateKeys } from './keys.js';
import { ThingsPort } from './port.js';
import { keepRevocationList } from './revocation.js';
import { thingRights } from './rights.js';
import { thingRoutes } from './routes.js';
import { Verification } from './verification.js';

export type { DeletedThing, DeleteHook } from './commands/remove.js';
export type { ThingRef } from './refs.js';

declare module 'fastify' {
  interface FastifyInstance {
    things: ThingsPort;
  }
}

/** Things: provisioning, keys and certificates, their rights on the broker, and the software they download. */
export const things = fp(
  async (app: FastifyInstance) => {
    const port = new ThingsPort(app);
    app.decorate('things', port);
    thingRights(app, port.refs);
    new Verification(app, port);
    thingRoutes(app);
    distributionRoutes(app);

    const resealed = await resealPrivateKeys(app);
    if (resealed > 0) app.logger.info({ things: resealed }, 'encrypted private keys with the new key');
    await keepRevocationList(app);
    await port.presence.forgetConnections();
    // When all modules have said what they delete; not waited for, because of messages there may be millions.
    app.addHook('onReady', async () => void port.finishRemovals());
    app.addHook('onClose', () => port.presence.stop());
  },
  { name: 'things', dependencies: ['core', 'http', 'mqtt', 'access', 'policies'] },
);
