import type { FastifyInstance } from 'fastify';
import fp from 'fastify-plugin';
import { unknownRoute } from '#edges/http/errors.js';
import { answerFailures, refuse } from './answer/failures.js';
import { keepBodies } from './bodies.js';
import { authenticateCallers } from './caller.js';
import { deviceRoutes } from './routes/devices.js';
import { fileRoutes } from './routes/files.js';
import { groupRoutes } from './routes/groups.js';
import { historyRoutes } from './routes/history.js';
import { monitorRoutes } from './routes/monitors.js';
import { pointRoutes } from './routes/points.js';
import { refusedWrites } from './routes/refused.js';
import { streamRoutes } from './routes/streams.js';

const PREFIX = '/ws';

/** The web services of iDigi, as its published clients speak them (push protocol sections 1 and 2). */
export const idigi = fp(
  async (app: FastifyInstance) => {
    await app.register(api, { prefix: PREFIX });
  },
  {
    name: 'idigi',
    dependencies: ['core', 'http', 'access', 'node-servers', 'things', 'messages', 'monitors'],
  },
);

async function api(app: FastifyInstance): Promise<void> {
  app.addHook('onRoute', (route) => {
    route.schema = { ...route.schema, tags: ['idigi'], security: [{ password: [] }] };
    // Its callers sign in with each call, by HTTP Basic; cookies are not looked at.
    route.config = { ...route.config, public: true, anyOrigin: true };
    // What is wrong is said in words of these web services, by who uses it: the schemas describe.
    route.validatorCompiler = () => (value) => ({ value });
  });
  answerFailures(app);
  authenticateCallers(app);
  keepBodies(app);
  monitorRoutes(app);
  historyRoutes(app);
  deviceRoutes(app);
  groupRoutes(app);
  fileRoutes(app);
  streamRoutes(app);
  pointRoutes(app);
  refusedWrites(app);
  app.setNotFoundHandler((request, reply) => refuse(request, reply, unknownRoute(request)));
}
