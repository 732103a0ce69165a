import type { MonitorSettings } from '@polyrelay/contract';
import type { FastifyInstance } from 'fastify';
import { createMonitor, type Owner } from './commands/create.js';
import type { Engine } from './delivery/engine.js';
import type { Resources } from './resources/index.js';
import { recordOf } from './store.js';
import type { BlockSink, MonitorRecord, Place, PushSession, SessionOptions } from './types.js';

/** Monitors as other modules see them. */
export class MonitorsPort {
  readonly #app: FastifyInstance;
  readonly #engine: Engine;
  /** What events are for monitors. */
  readonly resources: Resources;

  constructor(app: FastifyInstance, resources: Resources, engine: Engine) {
    this.#app = app;
    this.#engine = engine;
    this.resources = resources;
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

  /**
   * Begins to deliver a monitor to a sink. A session that it has already is taken over from, in this replica or another.
   * @throws notFound: there is no such monitor any more
   * @throws conflict `monitorHeld`: with `ifFree`, while another session is alive
   * @throws unavailable: the service is closing
   */
  open(monitor: MonitorRecord, sink: BlockSink, options: SessionOptions): Promise<PushSession> {
    return this.#engine.open(monitor, sink, options);
  }

  /**
   * Sends again what is behind `place`, and then what is new: at once where a session is open, else from the next one
   * on. Blocks that were not acknowledged are forgotten: their events come again in new ones.
   * @throws notFound: there is no such monitor any more
   */
  replay(monitor: MonitorRecord, place: Place): Promise<void> {
    return this.#engine.replay(monitor, place);
  }
}
