import type { FastifyInstance } from 'fastify';
import fp from 'fastify-plugin';
import { workerDisconnected } from './commands/connection.js';
import { finishRemoval } from './commands/remove.js';
import type { Context } from './context.js';
import { pgcDialect } from './dialects/pgc/index.js';
import { PgcLink } from './dialects/pgc/link.js';
import { pgUrlRoute } from './pgurl.js';
import { NodeServersPort } from './port.js';
import { NodeServerRefs } from './refs.js';
import { controllerRoutes } from './routes/controllers.js';
import { nodeRoutes } from './routes/nodes.js';
import { registryRoutes } from './routes/registry.js';
import { workerDataRoutes } from './routes/worker-data.js';
import { Signals } from './signals.js';
import { deleteOldSamples } from './store/history.js';
import { resealSecrets } from './store/reseal.js';
import { UpdateWriter } from './updates/writer.js';

export type { NodeServerInfo } from './port.js';
export type { PartOf } from './store/parts.js';

declare module 'fastify' {
  interface FastifyInstance {
    nodeServers: NodeServersPort;
  }
}

const SWEEP_MS = 3_600_000;
const SWEEP_ROWS = 5000;

/** Node servers: registry, nodes and drivers, notices, parameters, and the dialect their workers speak. */
export const nodeServers = fp(
  async (app: FastifyInstance) => {
    const link = new PgcLink(app);
    const context: Context = {
      app,
      link,
      refs: new NodeServerRefs(app),
      signals: new Signals(),
      writer: new UpdateWriter(app.events, app.metrics),
      deleteHooks: [],
    };
    app.decorate('nodeServers', new NodeServersPort(context));
    pgcDialect(context, link);
    pgUrlRoute(app);
    controllerRoutes(context);
    registryRoutes(context);
    nodeRoutes(context);
    workerDataRoutes(context);

    const resealed = await resealSecrets(app);
    if (resealed > 0) app.logger.info({ nodeServers: resealed }, 'encrypted secrets with the new key');
    await forgetConnections(context, link);
    app.addHook('onReady', () => finishRemovals(context));
    const sweep = setInterval(() => void sweepHistory(app), SWEEP_MS);
    sweep.unref();
    app.addHook('onClose', async () => {
      clearInterval(sweep);
      link.stop();
    });
  },
  { name: 'node-servers', dependencies: ['core', 'http', 'mqtt', 'access', 'profiles'] },
);

/**
 * Connections to the embedded broker ended with the last run; an outside broker has kept them. Before the broker
 * listens: a worker that comes back at once is not taken for one of them.
 */
async function forgetConnections(context: Context, link: PgcLink): Promise<void> {
  const { app, refs } = context;
  const rows = await app.database.prisma.nodeServer.findMany({
    where: { connected: true },
    select: { id: true, worker: true },
  });
  for (const row of rows) {
    if (app.config.mqtt.url !== undefined) link.connection(row, true);
    else {
      const ref = await refs.byWorker(row.worker);
      if (ref !== undefined) await workerDisconnected(context, ref);
    }
  }
}

/** Removals that were interrupted are finished after a start. */
async function finishRemovals(context: Context): Promise<void> {
  const { app } = context;
  const rows = await app.database.prisma.nodeServer.findMany({
    where: { state: 'deleting' },
    select: { id: true, worker: true, ownerId: true, source: true, previous: true },
  });
  for (const row of rows) {
    finishRemoval(context, row).catch((error: unknown) =>
      app.logger.error({ err: error }, 'a node server could not be deleted; the next start tries again'),
    );
  }
}

async function sweepHistory(app: FastifyInstance): Promise<void> {
  try {
    while (
      (await deleteOldSamples(app.database.pool, app.config.retentionDays.history, SWEEP_ROWS)) === SWEEP_ROWS
    );
  } catch (error) {
    app.logger.warn({ err: error }, 'old samples could not be deleted; trying again in an hour');
  }
}
