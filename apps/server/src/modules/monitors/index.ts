import type { FastifyInstance } from 'fastify';
import fp from 'fastify-plugin';
import { Engine } from './delivery/engine.js';
import { countMonitors } from './metrics.js';
import { MonitorsPort } from './port.js';
import { Resources } from './resources/index.js';
import { deviceRoutes } from './routes/devices.js';
import { lookRoutes } from './routes/looks.js';
import { monitorRoutes } from './routes/monitors.js';
import { pushClientRoute } from './routes/push-client.js';

export type { Owner } from './commands/create.js';
export type { MonitorFilter, MonitorWithState } from './read.js';
export type { PayloadFormat, ReadOptions, ReadPart } from './resources/index.js';
export type { MonitorState } from './status.js';
export type { Block, BlockSink, MonitorRecord, PushSession, SessionEnd, SessionOptions } from './types.js';

declare module 'fastify' {
  interface FastifyInstance {
    monitors: MonitorsPort;
  }
}

/** Pushes what happens to applications: which events a monitor means, and each of them once it is committed. */
export const monitors = fp(
  async (app: FastifyInstance) => {
    const resources = new Resources(app);
    const engine = new Engine(app, resources);
    const port = new MonitorsPort(app, resources, engine);
    app.decorate('monitors', port);
    app.addHook('onReady', async () => {
      await engine.start();
      port.http.start();
    });
    app.addHook('preClose', async () => {
      await port.http.stop();
      await engine.close();
    });
    monitorRoutes(app);
    lookRoutes(app);
    pushClientRoute(app);
    deviceRoutes(app);
    countMonitors(app);
    app.access.onUserRemoval(async (tx, record, ownerId) => {
      for (const { id, topic } of await tx.monitor.findMany({ where: { ownerId } }))
        record({ topic: `monitors/${id}`, operation: 'DELETION', ownerId, payload: { topic } });
    });
  },
  { name: 'monitors', dependencies: ['core', 'http', 'access', 'node-servers', 'things', 'messages'] },
);
