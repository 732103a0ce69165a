import { levelsMatch } from '@polyrelay/contract';
import type { PoolClient } from 'pg';
import pg from 'pg';
import type { Logger } from 'pino';
import type { Database, Transaction } from '#core/database/database.js';
import { messageOf } from '#core/errors.js';
import type { FollowOptions } from './followed.js';
import { Follower } from './follower.js';
import {
  type AppendedRow,
  appendedRows,
  appendFacts,
  appendStatement,
  bounds,
  readAfter,
  recorded,
} from './store.js';
import type { EventListener, NewEvent, RecordedEvent, Recorder } from './types.js';

const CHANNEL = 'polyrelay_events';
const PAGE = 1000;

/** A statement that records facts, see {@link EventLog.factStatement}. */
export interface FactStatement {
  name: string;
  text: string;
}

interface Subscription {
  /** Levels of its filter. */
  wanted: string[];
  listener: EventListener;
  /** Hear only what this process recorded: for work that one replica alone must do. */
  localOnly: boolean;
}

/**
 * The durable event log and the bus over it. A fact is written in the transaction of the change it tells of, and
 * announced after the commit, in the order of the log, once, to every listener of every replica.
 */
export class EventLog {
  readonly #database: Database;
  readonly #log: Logger;
  readonly #shared: boolean;
  readonly #subscriptions = new Set<Subscription>();
  /** Ids recorded by this process and not announced yet. */
  readonly #own = new Set<number>();
  /** Statements on their way, which tell the ids of their facts after the commit. */
  readonly #statements = new Set<Promise<unknown>>();
  #last = 0;
  #catchingUp: Promise<void> | undefined;
  #again = false;
  #notifications: pg.Client | undefined;
  #stopped = false;

  /** @param options.shared other replicas write to the same database: they are heard of by LISTEN/NOTIFY */
  constructor(options: { database: Database; log: Logger; shared: boolean }) {
    this.#database = options.database;
    this.#log = options.log;
    this.#shared = options.shared;
  }

  /** Id of the last event that was announced. */
  get last(): number {
    return this.#last;
  }

  async start(): Promise<void> {
    this.#last = (await bounds(this.#database.pool)).newest;
    if (this.#shared) await this.#listen();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#notifications?.end().catch(() => undefined);
    await this.#catchingUp;
  }

  /** Runs a change in one Prisma transaction with the facts it records. */
  async transaction<T>(work: (tx: Transaction, record: Recorder) => Promise<T>): Promise<T> {
    const events: NewEvent[] = [];
    let rows: { id: bigint; at: Date }[] = [];
    const change = this.#database.transaction(async (tx) => {
      const value = await work(tx, (event) => events.push(event));
      if (events.length > 0) {
        const { text, values } = appendStatement(events);
        rows = await tx.$queryRawUnsafe<{ id: bigint; at: Date }[]>(text, ...values);
        this.#markOwn(rows);
        if (this.#shared) await tx.$executeRawUnsafe(`NOTIFY ${CHANNEL}`);
      }
      return value;
    });
    return this.#committed(change, () => recorded(events, rows));
  }

  /** The same for batched SQL on a pool connection. */
  async sql<T>(work: (client: PoolClient, record: Recorder) => Promise<T>): Promise<T> {
    let events: NewEvent[] = [];
    let rows: { id: string; at: Date }[] = [];
    const change = this.#database.sql(async (client) => {
      this.#unmarkOwn(rows);
      events = [];
      rows = [];
      const value = await work(client, (event) => events.push(event));
      if (events.length > 0) {
        ({ rows } = await client.query<{ id: string; at: Date }>({
          name: 'append-events',
          ...appendStatement(events),
        }));
        this.#markOwn(rows);
        if (this.#shared) await client.query(`NOTIFY ${CHANNEL}`);
      }
      return value;
    });
    return this.#committed(change, () => recorded(events, rows));
  }

  /**
   * A statement for {@link statement}, made once.
   * @param name it is prepared by this name
   * @param ctes `WITH …`: its common table expressions, the last one as {@link appendFacts} asks for it
   * @param columns what else it tells, in one row
   */
  factStatement(name: string, ctes: string, columns: string): FactStatement {
    const told = this.#shared ? `${columns}, pg_notify('${CHANNEL}', '')` : columns;
    return { name, text: ctes + appendFacts(told) };
  }

  /**
   * A change and its facts in one statement, for what comes by the thousand: one round trip, and nothing to begin and
   * to end.
   * @param factsOf the facts that the statement recorded, in their order
   * @returns what its columns say
   */
  async statement<Row extends object>(
    { name, text }: FactStatement,
    values: unknown[],
    factsOf: (row: Row) => NewEvent[],
  ): Promise<Row> {
    const writing = this.#database.statement<Row & AppendedRow>({ name, text, values });
    // In one step with the answer: whoever waits for the statements that are under way finds the ids.
    const written = writing.then(([row]) => {
      if (row === undefined) throw new Error(`the statement ${name} told nothing`);
      const rows = appendedRows(row);
      this.#markOwn(rows);
      return { row, rows };
    });
    this.#statements.add(written);
    try {
      const { row, rows } = await written;
      if (rows.length > 0) this.#announceOwn(recorded(factsOf(row), rows));
      return row;
    } finally {
      this.#statements.delete(written);
    }
  }

  /** Hears of every event whose topic matches `filter` (MQTT wildcards). @returns a function that ends it */
  on(filter: string, listener: EventListener, options: { localOnly?: boolean } = {}): () => void {
    const subscription = { wanted: filter.split('/'), listener, localOnly: options.localOnly ?? false };
    this.#subscriptions.add(subscription);
    return () => this.#subscriptions.delete(subscription);
  }

  /**
   * A durable consumer: handles every event once, whatever fails meanwhile. It does nothing until it is started, and
   * whoever made it stops it.
   */
  follow(options: FollowOptions): Follower {
    return new Follower(options, {
      database: this.#database,
      log: this.#log,
      on: (filter, listener) => this.on(filter, listener),
      sql: (work) => this.sql(work),
    });
  }

  /** Waits for the commit, then announces; on a failure forgets the ids, which will never be seen. */
  async #committed<T>(change: Promise<T>, written: () => RecordedEvent[]): Promise<T> {
    let result: T;
    try {
      result = await change;
    } catch (error) {
      this.#unmarkOwn(written());
      throw error;
    }
    this.#announceOwn(written());
    return result;
  }

  /** Before the commit, because from then on a reading of the log may meet them. */
  #markOwn(rows: { id: string | bigint }[]): void {
    for (const row of rows) this.#own.add(Number(row.id));
  }

  #unmarkOwn(rows: { id: string | bigint | number }[]): void {
    for (const row of rows) this.#own.delete(Number(row.id));
  }

  #announceOwn(events: RecordedEvent[]): void {
    const first = events[0];
    if (first === undefined || first.id <= this.#last) return;
    if (first.id === this.#last + 1 && this.#catchingUp === undefined) {
      for (const event of events) this.#announce(event, this.#own.delete(event.id));
      return;
    }
    // Another commit came before and is not announced yet: the log itself has the order.
    this.#catchUp();
  }

  #catchUp(): void {
    this.#again = true;
    this.#catchingUp ??= this.#readOn().finally(() => {
      this.#catchingUp = undefined;
      if (this.#again && !this.#stopped) this.#catchUp();
    });
  }

  async #readOn(): Promise<void> {
    while (this.#again && !this.#stopped) {
      this.#again = false;
      try {
        const events = await readAfter(this.#database.pool, this.#last, PAGE);
        // What was read may be of one of these, whose answer is still on its way.
        if (events.length > 0) await Promise.allSettled(this.#statements);
        for (const event of events) this.#announce(event, this.#own.delete(event.id));
        if (events.length === PAGE) this.#again = true;
      } catch (error) {
        this.#log.warn({ err: error }, 'the event log could not be read; trying again');
        await new Promise((resolve) => setTimeout(resolve, 500));
        this.#again = true;
      }
    }
  }

  #announce(event: RecordedEvent, own: boolean): void {
    this.#last = event.id;
    const levels = event.topic.split('/');
    for (const subscription of this.#subscriptions) {
      if ((subscription.localOnly && !own) || !levelsMatch(subscription.wanted, levels)) continue;
      try {
        const waiting = subscription.listener(event);
        // Most have nothing to wait for.
        if (waiting !== undefined)
          Promise.resolve(waiting).catch((error: unknown) => this.#listenerFailed(event, error));
      } catch (error) {
        this.#listenerFailed(event, error);
      }
    }
  }

  #listenerFailed(event: RecordedEvent, error: unknown): void {
    this.#log.error({ err: error, topic: event.topic }, 'a listener failed');
  }

  async #listen(): Promise<void> {
    const client = new pg.Client(this.#database.pool.options);
    this.#notifications = client;
    client.on('notification', () => this.#catchUp());
    client.on('error', (error) => {
      this.#log.warn(`lost the notifications of other replicas: ${messageOf(error)}`);
      setTimeout(() => void this.#listenAgain(client), 1000).unref();
    });
    await client.connect();
    await client.query(`LISTEN ${CHANNEL}`);
    this.#catchUp();
  }

  async #listenAgain(lost: pg.Client): Promise<void> {
    if (this.#stopped || this.#notifications !== lost) return;
    await this.#listen().catch(() =>
      setTimeout(() => void this.#listenAgain(this.#notifications ?? lost), 1000).unref(),
    );
  }
}
