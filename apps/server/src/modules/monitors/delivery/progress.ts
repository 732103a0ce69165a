import type { MonitorProgress } from '@polyrelay/contract';
import type { Pool } from 'pg';
import type { Logger } from 'pino';
import type { EventLog } from '#core/events/log.js';
import type { Place } from '../types.js';
import type { OutBlock } from './ledger.js';

/** A block that was delivered, of a monitor that does not keep each. */
export type SeenBlock = Omit<OutBlock, 'sentAt'> & { sentAt: Date };

/** A session whose monitor moves. */
export interface Moving {
  readonly monitor: { readonly id: number; readonly ownerId: string };
  /** Of the session. */
  readonly id: string;
  readonly ended: boolean;
  /** How it is now. */
  snapshot(now: number): Snapshot;
  /** Whether there are blocks to show since it was asked last. */
  readonly hasSeen: boolean;
  /** The newest blocks since it was asked last. */
  takeSeen(): SeenBlock[];
}

export interface Snapshot {
  place: Place;
  nextSeq: number;
  nextBlockId: number;
  baseSeq: number;
  sentEvents: number;
  sentBlocks: number;
  sentBytes: number;
  rate: number;
  lastSent: Date | null;
}

const EVERY_MS = 1000;
const TELL_EVERY = 5;
const COOL_EVERY = 10;
/** Monitors in one statement, and in one event. */
const AT_ONCE = 2000;
/** Monitors whose newest blocks are shown in one second: rows for each of 1,000 took a quarter of the CPU time of a fan-out. */
const SHOWN_AT_ONCE = 100;
const TOLD_AT_ONCE = 500;

/** How far monitors are, in the database: one statement a second for all that moved, and an event now and then. */
export class Progress {
  readonly #pool: Pool;
  readonly #events: EventLog;
  readonly #log: Logger;
  readonly #touched: (monitorId: number) => void;
  readonly #timer: NodeJS.Timeout;
  #moved = new Set<Moving>();
  /** They have blocks to show; the one that has waited longest first. */
  readonly #toShow = new Set<Moving>();
  /** Their rate is not 0 in the database. */
  readonly #warm = new Set<Moving>();
  #toTell = new Set<Moving>();
  #writing: Promise<void> = Promise.resolve();
  #turns = 0;

  /** @param options.touched told of monitors of which blocks were written */
  constructor(options: { pool: Pool; events: EventLog; log: Logger; touched: (monitorId: number) => void }) {
    this.#pool = options.pool;
    this.#events = options.events;
    this.#log = options.log;
    this.#touched = options.touched;
    this.#timer = setInterval(() => void this.#turn(), EVERY_MS).unref();
  }

  /** Its place or its figures changed. */
  moved(session: Moving): void {
    this.#moved.add(session);
  }

  /** Writes what moved. Of what cannot be written now nothing is lost. @returns whether it was written */
  flush(): Promise<boolean> {
    const written = this.#writing.then(() => this.#write());
    this.#writing = written.then(() => undefined);
    return written;
  }

  /** Tells nothing more of a session. */
  forget(session: Moving): void {
    this.#moved.delete(session);
    this.#toShow.delete(session);
    this.#warm.delete(session);
    this.#toTell.delete(session);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  async #turn(): Promise<void> {
    this.#turns++;
    if (this.#turns % COOL_EVERY === 0) for (const session of this.#warm) this.#moved.add(session);
    if (this.#moved.size > 0 || this.#toShow.size > 0) await this.flush();
    if (this.#turns % TELL_EVERY === 0 && this.#toTell.size > 0) await this.#tell();
  }

  async #write(): Promise<boolean> {
    const shown = this.#nextToShow();
    const moved = [...new Set([...this.#moved, ...shown])];
    this.#moved = new Set();
    for (let i = 0; i < moved.length; i += AT_ONCE) {
      const part = moved.slice(i, i + AT_ONCE);
      try {
        await this.#writePart(part, shown);
      } catch (error) {
        for (const session of moved.slice(i)) this.#moved.add(session);
        this.#log.warn({ err: error }, 'the progress of monitors could not be noted; trying again');
        return false;
      }
    }
    return true;
  }

  /** Whose blocks are written now: of some, and of those that are asked for the last time. */
  #nextToShow(): Set<Moving> {
    for (const session of this.#moved) if (session.hasSeen) this.#toShow.add(session);
    const shown = new Set<Moving>();
    for (const session of this.#toShow) {
      if (!session.ended && shown.size >= SHOWN_AT_ONCE) continue;
      shown.add(session);
      this.#toShow.delete(session);
    }
    return shown;
  }

  async #writePart(sessions: Moving[], shown: ReadonlySet<Moving>): Promise<void> {
    const now = performance.now();
    const shots = sessions.map((session) => session.snapshot(now));
    const showing = sessions.filter((session) => shown.has(session));
    const blocks = showing.flatMap((session) =>
      session.takeSeen().map((block) => ({ monitorId: session.monitor.id, sessionId: session.id, block })),
    );
    await this.#pool.query({
      name: 'monitor-progress-write',
      text: WRITE,
      values: [
        sessions.map(({ monitor }) => monitor.id),
        sessions.map(({ id }) => id),
        shots.map(({ place }) => place),
        shots.map(({ nextSeq }) => nextSeq),
        shots.map(({ nextBlockId }) => nextBlockId),
        shots.map(({ baseSeq }) => baseSeq),
        shots.map(({ sentEvents }) => sentEvents),
        shots.map(({ sentBlocks }) => sentBlocks),
        shots.map(({ sentBytes }) => sentBytes),
        shots.map(({ rate }) => rate),
        shots.map(({ lastSent }) => lastSent),
        blocks.map(({ monitorId }) => monitorId),
        blocks.map(({ sessionId }) => sessionId),
        blocks.map(({ block }) => block.seq),
        blocks.map(({ block }) => block.blockId),
        blocks.map(({ block }) => block.firstPlace),
        blocks.map(({ block }) => block.lastPlace),
        blocks.map(({ block }) => block.events),
        blocks.map(({ block }) => block.bytes),
        blocks.map(({ block }) => block.sentAt),
      ],
    });
    for (const { monitorId } of blocks) this.#touched(monitorId);
    sessions.forEach((session, i) => {
      this.#toTell.add(session);
      if ((shots[i]?.rate ?? 0) > 0) this.#warm.add(session);
      else this.#warm.delete(session);
    });
  }

  /** One event for each owner, of that user’s monitors that moved. */
  async #tell(): Promise<void> {
    const sessions = [...this.#toTell];
    this.#toTell = new Set();
    const now = performance.now();
    const byOwner = new Map<string, MonitorProgress['items']>();
    for (const session of sessions) {
      if (session.ended) continue;
      const { sentEvents, sentBlocks, sentBytes, rate, lastSent } = session.snapshot(now);
      const { id, ownerId } = session.monitor;
      const item = { id, lastSent: lastSent?.toISOString() ?? null, sentEvents, sentBlocks, sentBytes, rate };
      const items = byOwner.get(ownerId);
      if (items === undefined) byOwner.set(ownerId, [item]);
      else items.push(item);
    }
    if (byOwner.size === 0) return;
    await this.#events
      .sql(async (_client, record) => {
        for (const [ownerId, items] of byOwner)
          for (let i = 0; i < items.length; i += TOLD_AT_ONCE)
            record({
              topic: 'monitors/progress',
              operation: 'UPDATE',
              ownerId,
              payload: { items: items.slice(i, i + TOLD_AT_ONCE) },
            });
      })
      .catch((error: unknown) => {
        this.#log.debug({ err: error }, 'the progress of monitors was not told');
        for (const session of sessions) this.#toTell.add(session);
      });
  }
}

/**
 * Only by sessions that are the ones of their monitors still. One that has not heard yet that its monitor was sent back
 * must not write over that.
 */
const WRITE = `
WITH given AS (
  SELECT g.* FROM unnest($1::int[], $2::uuid[], $3::bigint[], $4::bigint[], $5::int[], $6::bigint[], $7::bigint[],
    $8::bigint[], $9::bigint[], $10::float8[], $11::timestamptz[])
    AS g(monitor_id, id, place, next_seq, next_block_id, base_seq, events, blocks, bytes, rate, last_sent)
  JOIN monitor_sessions s ON s.monitor_id = g.monitor_id AND s.id = g.id
), moved AS (
  UPDATE monitor_progress p SET place = g.place, next_seq = g.next_seq, next_block_id = g.next_block_id,
    base_seq = greatest(p.base_seq, g.base_seq), replay = false,
    sent_events = g.events, sent_blocks = g.blocks, sent_bytes = g.bytes, rate = g.rate,
    last_sent = coalesce(g.last_sent, p.last_sent)
  FROM given g WHERE p.monitor_id = g.monitor_id AND NOT (p.replay AND g.base_seq < p.base_seq)
)
INSERT INTO monitor_blocks
  (monitor_id, seq, block_id, first_place, last_place, events, bytes, state, sent_at, delivered_at)
SELECT b.monitor_id, b.seq, b.block_id, b.first_place, b.last_place, b.events, b.bytes, 'delivered', b.sent_at, now()
FROM unnest($12::int[], $13::uuid[], $14::bigint[], $15::int[], $16::bigint[], $17::bigint[], $18::int[],
  $19::int[], $20::timestamptz[]) AS b(monitor_id, id, seq, block_id, first_place, last_place, events, bytes, sent_at)
JOIN given USING (monitor_id, id)
ON CONFLICT (monitor_id, seq) DO NOTHING`;
