import type { FastifyInstance } from 'fastify';
import fp from 'fastify-plugin';
import { storeRoutes } from './routes.js';
import { Store } from './store.js';

const REFRESH_MS = 3_600_000;

/** The store: catalogues of node servers that can be installed, and newer versions of those that are. */
export const store = fp(
  async (app: FastifyInstance) => {
    const own = new Store(app);
    await own.catalogues.restore();
    storeRoutes(app, own);
    const refresh = (): void => {
      own
        .refresh()
        .then(() => {
          for (const { place, path, message } of own.catalogues.problems)
            if (path === '') app.logger.warn({ place }, `a catalogue could not be read: ${message}`);
        })
        .catch((error: unknown) => app.logger.warn({ err: error }, 'the catalogues could not be refreshed'));
    };
    const timer = setInterval(refresh, REFRESH_MS);
    timer.unref();
    // Files are there at once; the start does not wait for what is far away.
    app.addHook('onReady', async () => refresh());
    app.events.on(
      'nodeServers/+',
      ({ topic, operation, payload }) =>
        operation === 'UPDATE' && 'version' in payload
          ? own.versionChanged(topic.split('/')[1] ?? '')
          : undefined,
      { localOnly: true },
    );
    app.addHook('onClose', async () => {
      clearInterval(timer);
      await own.close();
    });
  },
  { name: 'store', dependencies: ['node-servers', 'workers', 'access'] },
);
