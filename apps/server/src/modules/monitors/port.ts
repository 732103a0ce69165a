import type { MonitorChange, MonitorSettings } from '@polyrelay/contract';
import type { FastifyInstance } from 'fastify';
import { notFound } from '#core/errors.js';
import { owns, type Principal } from '#core/principal.js';
import { changeMonitor, renewSecret } from './commands/change.js';
import { createMonitor, type Owner } from './commands/create.js';
import { removeMonitor } from './commands/remove.js';
import type { Engine } from './delivery/engine.js';
import { type HistoryPage, type HistoryQuery, readHistory } from './history.js';
import { HttpRunner } from './http/runner.js';
import { type MonitorFilter, type MonitorWithState, readMonitors, readStates } from './read.js';
import type { Resources } from './resources/index.js';
import type { MonitorState } from './status.js';
import { recordOf } from './store.js';
import type { BlockSink, MonitorRecord, Place, PushSession, SessionOptions } from './types.js';

/** Monitors as other modules see them. */
export class MonitorsPort {
  readonly #app: FastifyInstance;
  readonly #engine: Engine;
  /** What events are for monitors. */
  readonly resources: Resources;
  /** Sends the events of HTTP monitors. */
  readonly http: HttpRunner;

  constructor(app: FastifyInstance, resources: Resources, engine: Engine) {
    this.#app = app;
    this.#engine = engine;
    this.resources = resources;
    this.http = new HttpRunner(app);
  }

  /** Makes a monitor. @throws invalid, with the path of each wrong field: a topic out of its grammar, a template … */
  create(owner: Owner, settings: MonitorSettings): Promise<MonitorRecord> {
    return createMonitor(this.#app, owner, settings);
  }

  /** A monitor of a user. */
  async find(ownerId: string, id: number): Promise<MonitorRecord | undefined> {
    const row = await this.#app.database.prisma.monitor.findFirst({ where: { id, ownerId } });
    return row === null ? undefined : recordOf(this.#app.keyring, row);
  }

  /** A monitor that the caller may see and change. @throws notFound, for what is somebody else’s too */
  async require(principal: Principal, id: number): Promise<MonitorRecord> {
    const row = await this.#app.database.prisma.monitor.findUnique({ where: { id } });
    if (row === null || !owns(principal, row.ownerId)) throw notFound('This monitor');
    return recordOf(this.#app.keyring, row);
  }

  /** Monitors of a user and how they do, in the order of their ids. */
  list(ownerId: string, filter?: MonitorFilter): Promise<MonitorWithState[]> {
    return readMonitors(this.#app, ownerId, filter);
  }

  /** How monitors do at this moment, by id; those that do not exist are left out. */
  status(ids: number[]): Promise<Map<number, MonitorState>> {
    return readStates(this.#app, ids);
  }

  /**
   * Changes a monitor of a user (`owner.email` is who did it); what is left out stays. Its session ends, and its state
   * begins anew, also when nothing differs.
   * @throws notFound; invalid, with the path of each wrong field
   */
  change(owner: Owner, id: number, change: MonitorChange): Promise<MonitorRecord> {
    return changeMonitor(this.#app, owner, id, change);
  }

  /** Gives a monitor another secret to sign with; the old one is worth nothing from now on. @throws notFound */
  renewSecret(owner: Owner, id: number): Promise<MonitorRecord> {
    return renewSecret(this.#app, owner, id);
  }

  /** What a monitor’s topics mean, page by page from the log, whatever its transport is. */
  history(monitor: MonitorRecord, query: HistoryQuery): Promise<HistoryPage> {
    return readHistory(this.#app, monitor, query);
  }

  /** Deletes a monitor of a user; its session ends. @throws notFound */
  remove(owner: Owner, id: number): Promise<void> {
    return removeMonitor(this.#app, owner, id);
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
