import type { FastifyInstance } from 'fastify';
import fp from 'fastify-plugin';
import { Backups } from './backups.js';
import { backupRoutes } from './routes.js';
import { Schedule } from './schedule.js';

/** One file with everything: on demand, on schedule, with retention. Restoring is done before the service starts. */
export const backups = fp(
  async (app: FastifyInstance) => {
    const schedule = new Schedule(app);
    const all = new Backups(app, schedule);
    backupRoutes(app, all);
    app.addHook('onReady', async () => schedule.start(all));
    app.addHook('onClose', async () => {
      schedule.stop();
      await all.close();
    });
  },
  { name: 'backups', dependencies: ['core', 'http', 'access'] },
);
