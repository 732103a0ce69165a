import { setTimeout as delay } from 'node:timers/promises';
import type { Pool } from 'pg';
import type { Logger } from 'pino';
import type { Database } from '#core/database/database.js';
import type { Block } from '../types.js';

/** Who sends blocks that are kept. */
export interface BlockOwner {
  readonly monitor: { readonly id: number };
  /** Of the session. */
  readonly id: string;
  /** The block is on the disk: it may go out. */
  written(block: Block): void;
  /** Another session has the monitor. */
  lost(): void;
}

/** What became of a block. */
interface Outcome {
  monitorId: number;
  seq: number;
  state: 'delivered' | 'failed';
  error: string | null;
  /** It was sent once more than is noted. */
  more: boolean;
}

const AT_ONCE = 1000;
const PAUSES_MS = [100, 250, 500, 1000, 2000];
/** Blocks of a monitor that are kept, and delivered ones at the longest. */
export const KEPT_BLOCKS = 200;
const KEPT_FOR = '1 day';
const SWEEP_MS = 5 * 60_000;
const OLD_EVERY = 12;

/**
 * The blocks of monitors that must not lose any, in the database before they go out. All monitors share the statements:
 * while one is on its way the next one collects. While the database is away they wait.
 */
export class Blocks {
  readonly #database: Database;
  readonly #log: Logger;
  readonly #abort = new AbortController();
  #out: { owner: BlockOwner; block: Block }[] = [];
  #outcomes: Outcome[] = [];
  #writing: Promise<void> | undefined;
  /** Monitors of which blocks were written since the last sweep. */
  readonly #touched = new Set<number>();
  #sweeps = 0;
  readonly #timer: NodeJS.Timeout;

  constructor(database: Database, log: Logger) {
    this.#database = database;
    this.#log = log;
    this.#timer = setInterval(() => {
      this.sweep().catch((error: unknown) => log.warn({ err: error }, 'old blocks of monitors stay for now'));
    }, SWEEP_MS).unref();
  }

  /** Notes a block; then its owner sends it. */
  add(owner: BlockOwner, block: Block): void {
    this.#out.push({ owner, block });
    this.#write();
  }

  /** Notes what became of a block. */
  tell(outcome: Outcome): void {
    this.#outcomes.push(outcome);
    this.#write();
  }

  /** A monitor has blocks that may be swept. */
  touch(monitorId: number): void {
    this.#touched.add(monitorId);
  }

  /** Resolves when all that was told so far is written, or cannot be. */
  async flushed(): Promise<void> {
    await this.#writing;
  }

  stop(): void {
    this.#abort.abort();
    clearInterval(this.#timer);
  }

  /** Deletes what nobody needs to see any more; what was not delivered stays. */
  async sweep(): Promise<void> {
    const touched = [...this.#touched];
    this.#touched.clear();
    const { pool } = this.#database;
    for (let i = 0; i < touched.length; i += AT_ONCE)
      await deleteSurplus(pool, touched.slice(i, i + AT_ONCE));
    if (this.#sweeps++ % OLD_EVERY === 0) await deleteOld(pool);
  }

  #write(): void {
    // After this turn of the event loop: what many monitors send for one event goes together.
    this.#writing ??= new Promise<void>((resolve) => setImmediate(resolve))
      .then(() => this.#writeAll())
      .finally(() => {
        this.#writing = undefined;
        if (this.#out.length + this.#outcomes.length > 0 && !this.#abort.signal.aborted) this.#write();
      });
  }

  async #writeAll(): Promise<void> {
    while (this.#out.length + this.#outcomes.length > 0 && !this.#abort.signal.aborted) {
      const out = this.#out.splice(0, AT_ONCE);
      const outcomes = this.#outcomes.splice(0, AT_ONCE);
      await Promise.all([
        out.length === 0 ? undefined : this.#insistently(() => this.#insert(out)),
        outcomes.length === 0 ? undefined : this.#insistently(() => this.#update(outcomes)),
      ]);
    }
  }

  /** Until it is written, or the service ends. */
  async #insistently(write: () => Promise<void>): Promise<void> {
    for (let tries = 0; !this.#abort.signal.aborted; tries++) {
      try {
        return await write();
      } catch (error) {
        if (tries % 10 === 0) this.#log.warn({ err: error }, 'blocks of monitors wait for the database');
        const pause = PAUSES_MS[Math.min(tries, PAUSES_MS.length - 1)];
        await delay(pause, undefined, { signal: this.#abort.signal }).catch(() => undefined);
      }
    }
  }

  async #insert(out: { owner: BlockOwner; block: Block }[]): Promise<void> {
    const rows = await this.#database.statement<{ monitor_id: number; id: string }>({
      name: 'monitor-blocks-add',
      text: INSERT,
      values: [
        out.map(({ owner }) => owner.monitor.id),
        out.map(({ owner }) => owner.id),
        out.map(({ block }) => block.seq),
        out.map(({ block }) => block.blockId),
        out.map(({ block }) => block.firstPlace),
        out.map(({ block }) => block.lastPlace),
        out.map(({ block }) => block.count),
        out.map(({ block }) => block.payload.length),
        out.map(({ block }) => block.attempts + 1),
      ],
    });
    const held = new Set(rows.map(({ id }) => id));
    for (const { owner, block } of out) {
      if (held.has(owner.id)) {
        this.#touched.add(owner.monitor.id);
        owner.written(block);
      } else owner.lost();
    }
  }

  async #update(outcomes: Outcome[]): Promise<void> {
    await this.#database.statement({
      name: 'monitor-blocks-told',
      text: UPDATE,
      values: [
        outcomes.map(({ monitorId }) => monitorId),
        outcomes.map(({ seq }) => seq),
        outcomes.map(({ state }) => state),
        outcomes.map(({ error }) => error),
        outcomes.map(({ more }) => more),
      ],
    });
  }
}

/**
 * Only for sessions that are the ones of their monitors still, and they stay that until this is committed: whoever
 * takes over finds these blocks.
 */
const INSERT = `
WITH given AS (
  SELECT * FROM unnest($1::int[], $2::uuid[], $3::bigint[], $4::int[], $5::bigint[], $6::bigint[], $7::int[],
    $8::int[], $9::int[]) AS g(monitor_id, id, seq, block_id, first_place, last_place, events, bytes, attempts)
), held AS MATERIALIZED (
  SELECT s.monitor_id, s.id FROM monitor_sessions s
  WHERE (s.monitor_id, s.id) IN (SELECT monitor_id, id FROM given) ORDER BY s.monitor_id FOR SHARE
), added AS (
  INSERT INTO monitor_blocks AS b
    (monitor_id, seq, block_id, first_place, last_place, events, bytes, state, attempts, sent_at)
  SELECT g.monitor_id, g.seq, g.block_id, g.first_place, g.last_place, g.events, g.bytes, 'sent', g.attempts, now()
  FROM given g JOIN held USING (monitor_id, id)
  ON CONFLICT (monitor_id, seq) DO UPDATE SET block_id = excluded.block_id, first_place = excluded.first_place,
    last_place = excluded.last_place, events = excluded.events, bytes = excluded.bytes, state = 'sent',
    attempts = excluded.attempts, sent_at = excluded.sent_at
)
SELECT monitor_id, id FROM held`;

/** The last outcome of each block counts. */
const UPDATE = `
UPDATE monitor_blocks b SET state = g.state, error = coalesce(g.error, b.error),
  attempts = b.attempts + g.more,
  delivered_at = CASE WHEN g.state = 'delivered' THEN now() ELSE b.delivered_at END
FROM (
  SELECT monitor_id, seq, (array_agg(state ORDER BY n DESC))[1] AS state, (array_agg(error ORDER BY n DESC))[1] AS error,
    count(*) FILTER (WHERE more)::int AS more
  FROM unnest($1::int[], $2::bigint[], $3::text[], $4::text[], $5::boolean[])
    WITH ORDINALITY AS o(monitor_id, seq, state, error, more, n)
  GROUP BY monitor_id, seq) AS g
WHERE b.monitor_id = g.monitor_id AND b.seq = g.seq`;

/** All but the newest of each monitor, where they are delivered and the place is behind them. */
const deleteSurplus = (pool: Pool, monitorIds: number[]): Promise<unknown> =>
  pool.query(
    `DELETE FROM monitor_blocks b
     USING unnest($1::int[]) AS g(id)
     JOIN monitor_progress p ON p.monitor_id = g.id
     CROSS JOIN LATERAL (
       SELECT seq FROM monitor_blocks WHERE monitor_id = g.id ORDER BY seq DESC OFFSET ${KEPT_BLOCKS} LIMIT 1) AS c
     WHERE b.monitor_id = g.id AND b.seq <= c.seq AND b.state = 'delivered'
       AND (b.last_place <= p.place OR b.seq < p.base_seq)`,
    [monitorIds],
  );

const deleteOld = (pool: Pool): Promise<unknown> =>
  pool.query(
    `DELETE FROM monitor_blocks b USING monitor_progress p
     WHERE p.monitor_id = b.monitor_id AND b.state = 'delivered' AND b.delivered_at < now() - interval '${KEPT_FOR}'
       AND (b.last_place <= p.place OR b.seq < p.base_seq)`,
  );
