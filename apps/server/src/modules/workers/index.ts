import type { FastifyInstance } from 'fastify';
import fp from 'fastify-plugin';
import { lookInto } from './install/look.js';
import { closeLogStreams, logRoutes } from './logs/routes.js';
import { workerRoutes } from './routes.js';
import { availableRuntimes } from './runtimes/available.js';
import { Workers } from './workers.js';

/** Runs node servers: installs, starts, watches, stops, and keeps their logs. */
export const workers = fp(
  async (app: FastifyInstance) => {
    const { nodeServers, events } = app;
    app.decorate('sources', await lookInto(app));
    const all = new Workers(app, await availableRuntimes(app));
    nodeServers.onDelete((nodeServer) => all.remove(nodeServer));
    nodeServers.signals.on('diagnostic', ({ nodeServerId, level, text }) =>
      all.logOf(nodeServerId).add('service', text, level),
    );
    nodeServers.signals.on('logRecords', ({ nodeServerId, records, isPrinted }) =>
      all.sentLines(nodeServerId, records, isPrinted),
    );
    const reload = ({ topic }: { topic: string }): Promise<void> => all.reloadLog(topic.split('/')[1] ?? '');
    events.on('nodeServers/+/customData', reload);
    events.on('nodeServers/+/customParams', reload);
    events.on('nodeServers/+/webhook', (event) => ('renewedAt' in event.payload ? reload(event) : undefined));
    events.on('nodeServers/+', (event) =>
      'logLevel' in event.payload || 'isProviderChanged' in event.payload ? reload(event) : undefined,
    );
    nodeServers.signals.on('connection', ({ nodeServerId, connected }) =>
      all.connection(nodeServerId, connected),
    );
    nodeServers.signals.on('restartRequested', ({ nodeServerId }) => {
      all
        .restartRequested(nodeServerId)
        .catch((error: unknown) => app.logger.error({ err: error }, 'a worker could not be restarted'));
    });
    // This replica runs what was registered through it.
    events.on(
      'nodeServers/+',
      ({ topic, operation, payload }) => {
        const id = topic.split('/')[1] ?? '';
        if (operation === 'INSERTION') return all.added(id);
        return operation === 'UPDATE' && 'runtime' in payload ? all.runtimeChanged(id) : undefined;
      },
      { localOnly: true },
    );
    workerRoutes(app, all);
    logRoutes(app, all);
    app.addHook('onReady', () => all.start());
    // Before the broker closes: they are told to stop through it.
    app.addHook('preClose', async () => {
      closeLogStreams(app);
      await all.stop();
    });
  },
  { name: 'workers', dependencies: ['node-servers', 'access'] },
);
