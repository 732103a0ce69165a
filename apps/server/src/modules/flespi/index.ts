import type { FastifyInstance } from 'fastify';
import fp from 'fastify-plugin';
import { keepBodies } from './bodies.js';
import { answerFailures } from './failures.js';
import { channelRoutes } from './routes/channels.js';
import { messageRoutes } from './routes/messages.js';

const PREFIX = '/gw';

/** The REST API of flespi’s gateway, as its published clients speak it (flespi sections 1 and 2). */
export const flespi = fp(
  async (app: FastifyInstance) => {
    app.access.guard(`${PREFIX}/`);
    await app.register(api, { prefix: PREFIX });
  },
  { name: 'flespi', dependencies: ['core', 'http', 'access', 'channels'] },
);

async function api(app: FastifyInstance): Promise<void> {
  app.addHook('onRoute', (route) => {
    route.schema = { ...route.schema, tags: ['flespi'], security: [{ accessToken: [] }, { session: [] }] };
    // Every handler here asks `allows`.
    route.config = { ...route.config, checksAcl: true };
    // What is wrong is said in flespi's words, by who uses it: the schemas describe.
    route.validatorCompiler = () => (value) => ({ value });
  });
  answerFailures(app);
  keepBodies(app);
  channelRoutes(app);
  messageRoutes(app);
}
