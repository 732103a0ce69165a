import { MonitorChange } from '@polyrelay/contract';
import type { FastifyInstance } from 'fastify';
import { DomainError } from '#core/errors.js';
import type { RecordedEvent } from '#core/events/types.js';
import type { Resources } from '../resources/index.js';
import {
  type BlockSink,
  keepsPlace,
  type MonitorRecord,
  PARTS,
  type Place,
  type PushSession,
  placeAfter,
  type SessionEnd,
  type SessionOptions,
} from '../types.js';
import { Blocks } from './blocks.js';
import { CatchUp } from './catch-up.js';
import { Dispatcher } from './dispatcher.js';
import type { KnownBlock } from './ledger.js';
import { Presence } from './presence.js';
import { Progress } from './progress.js';
import { keepsBlocks, Session, type SessionParts } from './session.js';
import { moveBack, readProgress, type StoredProgress, takeSession, voidBlocksOf } from './store.js';
import { Timers } from './timers.js';

/** How long the end of a session waits for a database that is away. */
const PATIENCE_MS = 5000;
/** A place that nothing was sent for is noted when so many events are behind it. */
const LAZY_PLACES = 20_000 * PARTS;
const LAZY_MS = 60_000;
/** Such places noted at once. */
const LAZY_AT_ONCE = 2000;

/** Delivers monitors to sinks: one session each, over all replicas. */
export class Engine {
  readonly #app: FastifyInstance;
  readonly #parts: SessionParts;
  readonly #presence: Presence;
  readonly #sessions = new Map<number, Session>();
  /** The last opening of each monitor: one after the other. */
  readonly #opening = new Map<number, Promise<unknown>>();
  readonly #leaving = new Set<Promise<void>>();
  #closing = false;
  #lazily: NodeJS.Timeout | undefined;

  constructor(app: FastifyInstance, resources: Resources) {
    this.#app = app;
    const { database, events, logger: log } = app;
    const blocks = new Blocks(database, log);
    this.#parts = {
      resources,
      log,
      blocks,
      dispatcher: new Dispatcher({ resources, log, lastId: () => events.last }),
      progress: new Progress({ pool: database.pool, events, log, touched: (id) => blocks.touch(id) }),
      catchUp: new CatchUp(log),
      timers: new Timers(),
      left: (session, reason) => this.#left(session, reason),
    };
    this.#presence = new Presence({
      database,
      events,
      log,
      own: () =>
        [...this.#sessions.values()].filter(({ begun, ended }) => begun && !ended).map(({ row }) => row),
      lost: (monitorId, id) => {
        const session = this.#sessions.get(monitorId);
        if (session?.id === id) session.end('takenOver');
      },
    });
  }

  /** Sessions of this process. */
  get sessions(): number {
    return this.#sessions.size;
  }

  async start(): Promise<void> {
    const { events, metrics, config } = this.#app;
    events.on('#', (event) => this.#parts.dispatcher.hear(event));
    events.on('monitors/+', (event) => this.#monitorChanged(event));
    events.on('users/+', (event) => this.#userChanged(event));
    metrics.gauge('polyrelay_push_deliveries', 'Monitors that this process delivers', () => this.sessions);
    this.#lazily = setInterval(() => this.#noteQuietPlaces(), LAZY_MS).unref();
    await this.#presence.start(config.databaseUrl === undefined);
  }

  /** See `MonitorsPort.open`. */
  async open(monitor: MonitorRecord, sink: BlockSink, options: SessionOptions): Promise<PushSession> {
    const before = this.#opening.get(monitor.id);
    const opening = (before ?? Promise.resolve())
      .catch(() => undefined)
      .then(() => this.#open(monitor, sink, options));
    this.#opening.set(monitor.id, opening);
    try {
      return await opening;
    } finally {
      if (this.#opening.get(monitor.id) === opening) this.#opening.delete(monitor.id);
    }
  }

  /** See `MonitorsPort.replay`. */
  async replay({ id, ownerId }: MonitorRecord, place: Place): Promise<void> {
    await this.#app.events.sql(async (client, record) => {
      const baseSeq = await moveBack(client, id, place);
      if (baseSeq === undefined) throw noSuchMonitor(id);
      record({ topic: `monitors/${id}`, operation: 'UPDATE', ownerId, payload: { replay: place, baseSeq } });
    });
  }

  /** Ends all sessions; what was delivered is noted. */
  async close(): Promise<void> {
    this.#closing = true;
    clearInterval(this.#lazily);
    for (const session of this.#sessions.values()) session.end('closing');
    await Promise.allSettled(this.#leaving);
    const { blocks, progress, catchUp, timers } = this.#parts;
    for (const part of [blocks, progress, catchUp, timers, this.#presence]) part.stop();
  }

  async #open(monitor: MonitorRecord, sink: BlockSink, options: SessionOptions): Promise<Session> {
    if (this.#closing) throw closing();
    const { id } = monitor;
    const old = this.#sessions.get(id);
    if (old !== undefined) {
      if (options.ifFree === true && !old.ended) throw held(id);
      old.end('takenOver');
      await old.close();
    }
    const session = new Session(this.#parts, monitor, sink, options);
    this.#sessions.set(id, session);
    try {
      const { progress, known } = await this.#take(session, options.ifFree === true);
      if (this.#closing || session.ended) {
        await this.#presence.leave(session.row);
        throw this.#closing ? closing() : noSuchMonitor(id);
      }
      const goesOn = keepsPlace(monitor) || progress.replay;
      session.begin(progress, known, goesOn ? undefined : placeAfter(this.#app.events.last));
      return session;
    } catch (error) {
      if (this.#sessions.get(id) === session) this.#sessions.delete(id);
      throw error;
    }
  }

  /** Makes a session the one of its monitor, whoever had it. */
  #take(session: Session, ifFree: boolean): Promise<{ progress: StoredProgress; known: KnownBlock[] }> {
    const { monitor, row } = session;
    const isHttp = monitor.transportType === 'http';
    return this.#app.events.sql(async (client, record) => {
      const taken = await takeSession(client, row, { ifFree, connected: !isHttp });
      if (taken === undefined) throw noSuchMonitor(monitor.id);
      if (!taken) throw held(monitor.id);
      record({
        topic: `monitors/${monitor.id}`,
        operation: 'UPDATE',
        ownerId: monitor.ownerId,
        payload: isHttp
          ? { sessionId: row.id }
          : { status: 'ACTIVE', sessionId: row.id, peer: row.peer, lastConnect: new Date().toISOString() },
      });
      return readProgress(client, monitor.id, keepsBlocks(monitor));
    });
  }

  #left(session: Session, reason: SessionEnd | 'closed'): Promise<void> {
    const leaving = this.#leave(session, reason).catch((error: unknown) =>
      this.#app.log.warn(
        { err: error, monitor: session.monitor.id },
        'the end of a session could not be noted',
      ),
    );
    this.#leaving.add(leaving);
    return leaving.finally(() => {
      this.#leaving.delete(leaving);
      if (this.#sessions.get(session.monitor.id) === session) this.#sessions.delete(session.monitor.id);
    });
  }

  async #leave(session: Session, reason: SessionEnd | 'closed'): Promise<void> {
    const { blocks, progress } = this.#parts;
    if (!session.begun || reason === 'deleted') {
      progress.forget(session);
      return;
    }
    progress.moved(session);
    if (keepsBlocks(session.monitor)) await inTime(blocks.flushed());
    if (!(await inTime(progress.flush()))) {
      // It is noted as soon as that is possible.
      this.#app.log.warn({ monitor: session.monitor.id }, 'the database is away at the end of a session');
      return;
    }
    if (reason === 'changed') await voidBlocksOf(this.#app.database.pool, session.row);
    if (reason !== 'takenOver') await inTime(this.#presence.leave(session.row));
    progress.forget(session);
  }

  #monitorChanged({ topic, operation, payload }: RecordedEvent): void {
    const session = this.#sessions.get(Number(topic.slice('monitors/'.length)));
    if (session === undefined) return;
    if (operation === 'DELETION') session.end('deleted');
    else if (operation !== 'UPDATE') return;
    else if (typeof payload.replay === 'number') session.rewind(payload.replay, Number(payload.baseSeq));
    else if (Object.keys(payload).some((key) => SETTINGS.has(key))) session.end('changed');
    else if (typeof payload.sessionId === 'string' && payload.sessionId !== session.id)
      void this.#makeSure(session);
  }

  /** Another session began, or it was one before: the row says who has the monitor. */
  async #makeSure(session: Session): Promise<void> {
    const row = await this.#app.database.prisma.monitorSession
      .findUnique({ where: { monitorId: session.monitor.id } })
      // The renewal tells it, too.
      .catch(() => null);
    if (row !== null && row.id !== session.id && session.begun) session.end('takenOver');
  }

  #userChanged({ topic, operation }: RecordedEvent): void {
    if (operation !== 'DELETION') return;
    const ownerId = topic.slice('users/'.length);
    for (const session of this.#sessions.values())
      if (session.monitor.ownerId === ownerId) session.end('deleted');
  }

  /** So that monitors that nothing happens for need not look through a long log when they come back. */
  #noteQuietPlaces(): void {
    const { dispatcher, progress } = this.#parts;
    const far = dispatcher.frontier - LAZY_PLACES;
    let noted = 0;
    for (const session of this.#sessions.values()) {
      if (!session.begun || session.place > far) continue;
      progress.moved(session);
      if (++noted === LAZY_AT_ONCE) return;
    }
  }
}

/** Of a payload of `monitors/{id}`: the monitor itself was changed. */
const SETTINGS = new Set(Object.keys(MonitorChange.shape));

const noSuchMonitor = (id: number): DomainError =>
  new DomainError('notFound', 'noSuchMonitor', `There is no monitor ${id} any more.`);
const held = (id: number): DomainError =>
  new DomainError('conflict', 'monitorHeld', `Another session delivers monitor ${id} now.`);
const closing = (): DomainError =>
  new DomainError('unavailable', 'closing', 'The service is closing. Connect again in a few seconds.');

/** @returns undefined when it takes too long; it goes on all the same */
async function inTime<T>(work: Promise<T>): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(resolve, PATIENCE_MS, undefined);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
