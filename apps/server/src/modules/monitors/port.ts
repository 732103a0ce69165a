import type { MonitorSettings } from '@polyrelay/contract';
import type { FastifyInstance } from 'fastify';
import { createMonitor, type Owner } from './commands/create.js';
import { Resources } from './resources/index.js';
import { recordOf } from './store.js';
import type { MonitorRecord } from './types.js';

/** Monitors as other modules see them. */
export class MonitorsPort {
  readonly #app: FastifyInstance;
  /** What events are for monitors. */
  readonly resources: Resources;

  constructor(app: FastifyInstance) {
    this.#app = app;
    this.resources = new Resources(app);
  }

  /** Makes a monitor. @throws invalid: a topic out of its grammar, a template that cannot be read */
  create(owner: Owner, settings: MonitorSettings): Promise<MonitorRecord> {
    return createMonitor(this.#app, owner, settings);
  }

  /** A monitor of a user. */
  async find(ownerId: string, id: number): Promise<MonitorRecord | undefined> {
    const row = await this.#app.database.prisma.monitor.findFirst({ where: { id, ownerId } });
    return row === null ? undefined : recordOf(this.#app.keyring, row);
  }
}
