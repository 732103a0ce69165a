import { setTimeout as delay } from 'node:timers/promises';
import type { PoolClient } from 'pg';
import { isDatabaseAway } from '#core/database/database.js';
import { Attempts } from './attempts.js';
import { Cursor, LOOKED_AT, type LogPage, readLogPage, regexOf, wasDeleted } from './cursor.js';
import type { FollowedLog, FollowOptions } from './followed.js';
import type { RecordedEvent, Recorder } from './types.js';

/** Between two transactions, except where pages are full: events that come close together are handled together. */
const GATHER_MS = 20;
/** How soon a replica looks again that found another at work: that one may be killed, and tells nobody. */
const BUSY_MS = 1000;
/** Nobody relies on this look: it makes good what an announcement that was lost left undone. */
const FALLBACK_MS = 60_000;
/** The cursor is moved behind so many events that needed nothing, or at the fallback look. */
const LAZY_EVENTS = 20_000;

/**
 * A durable consumer of the event log: each event once, in order, through crashes and with several replicas, of which
 * one works at a time. It is woken by the announcement of events and reads them from the log behind its cursor; new
 * under its name it begins at the log’s end. A failing transaction is tried again with back-off; an event that fails
 * every time is found by making pages smaller, and skipped.
 */
export class Follower {
  readonly #options: FollowOptions;
  readonly #source: FollowedLog;
  readonly #cursor: Cursor;
  readonly #topics: string;
  readonly #attempts: Attempts;
  readonly #abort = new AbortController();
  readonly #ends: (() => void)[] = [];
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | undefined;
  #again = false;
  #open = false;
  /** Nothing is of interest at present. */
  #resting = false;
  /** Up to here this process has looked, and handled what there was; and the cursor as it left it. */
  #seen = 0;
  #written = 0;
  #resumed = true;
  #skipped = 0;
  /** When the last transaction began. */
  #begun = 0;
  /** There is more than the last page. */
  #full = false;

  constructor(options: FollowOptions, source: FollowedLog) {
    this.#options = options;
    this.#source = source;
    this.#cursor = new Cursor(options.name);
    this.#topics = regexOf(options.filters);
    this.#attempts = new Attempts(options);
  }

  /** Id up to which all is handled, as far as this process knows. */
  get seen(): number {
    return this.#seen;
  }

  /** Events given up since the start. */
  get skipped(): number {
    return this.#skipped;
  }

  /** Begins. From when this resolves no event is missed. */
  async start(): Promise<void> {
    await this.#begin();
    for (const filter of this.#options.filters) this.#ends.push(this.#source.on(filter, () => this.#wake()));
    this.#timer = setInterval(() => this.#lookAnyway(), FALLBACK_MS).unref();
    this.#look();
  }

  /** Ends; resolves when the transaction under way is over. */
  async stop(): Promise<void> {
    this.#abort.abort();
    clearInterval(this.#timer);
    for (const end of this.#ends.splice(0)) end();
    await this.#running;
    await this.settle().catch(() => undefined);
  }

  /** Asks again what is of interest, see {@link FollowOptions.interest}. */
  reconsider(): void {
    this.#open = false;
    this.#look();
  }

  /** Moves the cursor behind the events that needed nothing, too: nobody will be given those again. */
  async settle(): Promise<void> {
    const seen = this.#seen;
    if (seen <= this.#written) return;
    const moved = await this.#source.sql(async (client) => {
      if ((await this.#cursor.lock(client)) !== this.#written) return false;
      await this.#cursor.move(client, seen);
      return true;
    });
    if (moved) this.#written = Math.max(this.#written, seen);
  }

  #wake(): void {
    if (!this.#resting) this.#look();
  }

  #lookAnyway(): void {
    if (this.#options.interest !== undefined) this.#open = false;
    this.settle()
      .catch(() => undefined)
      .finally(() => this.#look());
  }

  #look(): void {
    this.#again = true;
    if (this.#abort.signal.aborted) return;
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined;
      if (this.#again) this.#look();
    });
  }

  async #run(): Promise<void> {
    while (this.#again && !this.#abort.signal.aborted) {
      this.#again = false;
      try {
        if (!this.#open) await this.#begin();
        if (!this.#resting && (await this.#step())) this.#again = true;
      } catch (error) {
        this.#again = true;
        this.#source.log.warn({ err: error, follower: this.#options.name }, 'events wait; trying again');
        await this.#pause(BUSY_MS);
      }
    }
  }

  /** Makes the cursor where there is none, and moves it on to what is of interest. */
  async #begin(): Promise<void> {
    const { interest } = this.#options;
    // Before it is asked: what changes meanwhile is asked for again.
    this.#open = true;
    try {
      const after = interest === undefined ? 0 : await interest();
      const position = await this.#cursor.open(this.#source.database.pool, after ?? 0);
      if (position !== this.#written || this.#seen < position) this.#continueAt(position);
      this.#resting = after === undefined;
    } catch (error) {
      this.#open = false;
      throw error;
    }
  }

  /** The cursor was moved by another, who knows what was done up to there. */
  #continueAt(position: number): void {
    this.#seen = position;
    this.#written = position;
    this.#resumed = true;
  }

  /** Handles the next events. @returns whether there may be more */
  async #step(): Promise<boolean> {
    const { pool } = this.#source.database;
    const soon = this.#begun + GATHER_MS - performance.now();
    if (soon > 1 && !this.#full) await this.#pause(soon);
    const page = await readLogPage(pool, this.#seen, this.#topics);
    if (page.first === undefined) return false;
    if (await wasDeleted(pool, this.#seen, page.first)) this.#sayMissed(page.first);
    let more = false;
    if (page.events.length === 0) this.#seen = page.last;
    else more = await this.#handle(page);
    if (this.#seen - this.#written > LAZY_EVENTS) await this.settle();
    this.#full = more || page.count === LOOKED_AT;
    return this.#full;
  }

  /** @returns whether events are left */
  async #handle(page: LogPage): Promise<boolean> {
    const events = this.#attempts.take(page.events);
    const whole = events.length === page.events.length;
    const to = whole ? page.last : (events.at(-1)?.id ?? page.last);
    const work = (client: PoolClient, record: Recorder) =>
      this.#options.work(client, { events, resumed: this.#resumed }, record);
    this.#begun = performance.now();
    const outcome = await this.#commit(to, work).catch((error: unknown) => ({ error }));
    if (outcome === 'busy') return this.#pause(BUSY_MS);
    if (typeof outcome === 'object') return this.#failed(events, outcome.error);
    if (typeof outcome === 'number') this.#continueAt(outcome);
    else {
      this.#passed(to, outcome);
      this.#resumed = false;
      this.#attempts.succeeded();
    }
    return !whole || typeof outcome === 'number';
  }

  /** One transaction. @returns whether it changed anything; the cursor's place when another replica moved it */
  #commit(
    to: number,
    work: (client: PoolClient, record: Recorder) => Promise<boolean>,
  ): Promise<boolean | number | 'busy'> {
    return this.#source.sql(async (client, record) => {
      const position = await this.#cursor.lock(client);
      if (position === undefined) return 'busy';
      if (position !== this.#written) return position;
      const changed = await work(client, record);
      if (changed) await this.#cursor.move(client, to);
      return changed;
    });
  }

  #passed(to: number, written: boolean): void {
    this.#seen = to;
    if (written) this.#written = to;
  }

  /** Waits, makes the page smaller, or gives an event up. */
  async #failed(events: RecordedEvent[], error: unknown): Promise<true> {
    const [event] = events;
    const { name: follower } = this.#options;
    if (isDatabaseAway(error) || event === undefined) throw error;
    const failures = this.#attempts.failures + 1;
    const next = this.#attempts.failed(events);
    this.#source.log.warn(
      { err: error, follower, from: event.id, events: events.length, failures },
      'events could not be handled; trying again',
    );
    if (typeof next === 'number') return this.#pause(next);
    return next === 'skip' ? this.#skip(event) : true;
  }

  async #skip(event: RecordedEvent): Promise<true> {
    const outcome = await this.#commit(event.id, async () => true);
    if (outcome !== true) return true;
    this.#passed(event.id, true);
    this.#attempts.skipped();
    this.#skipped++;
    const { id, topic } = event;
    this.#source.log.error({ follower: this.#options.name, id, topic }, 'an event was given up and skipped');
    this.#options.onSkipped?.(event);
    return true;
  }

  #sayMissed(next: number): void {
    this.#source.log.error(
      { follower: this.#options.name, after: this.#seen, before: next },
      'events were deleted before they were handled; a longer EVENT_RETENTION_DAYS keeps them',
    );
  }

  async #pause(ms: number): Promise<true> {
    await delay(ms, undefined, { signal: this.#abort.signal }).catch(() => undefined);
    return true;
  }
}
