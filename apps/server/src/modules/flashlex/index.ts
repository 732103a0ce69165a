import type { FastifyInstance } from 'fastify';
import fp from 'fastify-plugin';
import { answerFailures } from './failures.js';
import { accountRoutes } from './routes/account.js';
import { collectRoutes } from './routes/collect.js';
import { messageRoutes } from './routes/messages.js';
import { publishRoutes } from './routes/publish.js';
import { thingRoutes } from './routes/things.js';
import { tokenRoutes } from './routes/token.js';

/** Published clients have the environment in front (`endpoint/env/v1`); there is one here, by whichever name. */
const BASES = ['/v1', '/prd/v1', '/dev/v1'];

/** The REST API of FlashLex, as its published clients speak it (FlashLex section 4). */
export const flashlex = fp(
  async (app: FastifyInstance) => {
    for (const prefix of BASES) {
      app.access.guard(`${prefix}/`);
      await app.register(api, { prefix, hidden: prefix !== BASES[0] });
    }
  },
  { name: 'flashlex', dependencies: ['http', 'access', 'policies', 'things', 'messages'] },
);

/** All of it below one base. @param options.hidden described in OpenAPI elsewhere */
async function api(app: FastifyInstance, { hidden }: { hidden: boolean }): Promise<void> {
  app.addHook('onRoute', (route) => {
    route.schema = { ...route.schema, tags: ['flashlex'], hide: hidden };
  });
  answerFailures(app);
  tokenRoutes(app);
  accountRoutes(app);
  thingRoutes(app);
  messageRoutes(app);
  // These take bodies as they come, by parsers of their own.
  await app.register(async (scope) => collectRoutes(scope));
  await app.register(async (scope) => publishRoutes(scope));
}
