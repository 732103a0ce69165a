import type { FastifyInstance } from 'fastify';
import { DomainError } from '#core/errors.js';
import type { BlockSink, MonitorRecord, Place, PushSession, SessionOptions } from '../types.js';

/** Delivers monitors to sinks. */
export class Engine {
  readonly #app: FastifyInstance;

  constructor(app: FastifyInstance) {
    this.#app = app;
  }

  /** See `MonitorsPort.open`. */
  async open(monitor: MonitorRecord, _sink: BlockSink, _options: SessionOptions): Promise<PushSession> {
    throw new DomainError('unavailable', 'closing', `Monitor ${monitor.id} cannot be opened yet.`);
  }

  /** See `MonitorsPort.replay`. */
  async replay(monitor: MonitorRecord, _place: Place): Promise<void> {
    this.#app.log.debug({ monitor: monitor.id }, 'replay');
  }
}
