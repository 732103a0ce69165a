import type { FastifyInstance } from 'fastify';
import { Lanes } from '#edges/mqtt/lanes.js';
import type { ThingRefs } from './refs.js';

/** A thing that sends all the time is noted this often. */
const SEEN_EVERY_MS = 10_000;

/** Sightings of so long are written together. */
const TOGETHER_MS = 200;

/** So many sightings stay in mind; after that some are written again earlier. */
const MAX_REMEMBERED = 50_000;

// Its first message may be committed by a transaction that began later: what was seen then is not taken back.
const CAME = `
UPDATE thing_activity SET connected = true, last_seen_at = greatest(last_seen_at, now()) WHERE thing_id = $1
RETURNING last_seen_at`;

/** Only what was connected was there until now. */
const GONE = `
UPDATE thing_activity SET connected = false, last_seen_at = greatest(last_seen_at, now())
WHERE thing_id = $1 AND connected
RETURNING last_seen_at`;

/** Rows in one order: two replicas never wait for each other in a circle. */
const SEEN = `
UPDATE thing_activity a SET last_seen_at = s.at
FROM (SELECT a.thing_id, s.at, t.owner_id FROM unnest($1::uuid[], $2::timestamptz[]) AS s(id, at)
      JOIN things t ON t.id = s.id JOIN thing_activity a ON a.thing_id = s.id
      WHERE a.last_seen_at IS NULL OR a.last_seen_at < s.at ORDER BY a.thing_id FOR UPDATE OF a) AS s
WHERE a.thing_id = s.thing_id RETURNING a.thing_id, s.owner_id, a.last_seen_at`;

/** Nothing is connected to a broker that has just been started. */
const FORGET = `
UPDATE thing_activity a SET connected = false FROM things t WHERE t.id = a.thing_id AND a.connected
RETURNING t.id, t.owner_id`;

/** When things connect, go, and were last seen: in the database, and as events. */
export class Presence {
  readonly #app: FastifyInstance;
  readonly #refs: ThingRefs;
  readonly #lanes = new Lanes();
  /** When each was last noted, in ms. */
  readonly #noted = new Map<string, number>();
  #sightings = new Map<string, Date>();
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(app: FastifyInstance, refs: ThingRefs) {
    this.#app = app;
    this.#refs = refs;
    app.mqtt.onCame(({ kind, id }) => {
      if (kind === 'thing') this.#moved(id, true);
    });
    app.mqtt.onGone(({ kind, id }) => {
      if (kind === 'thing') this.#moved(id, false);
    });
    app.mqtt.onMessage(({ identity }) => {
      if (identity?.kind === 'thing') this.seen(identity.id);
    });
  }

  /** A thing has just sent something. Costs nothing where that was noted in the last 10 s. */
  seen(id: string): void {
    const now = Date.now();
    const noted = this.#noted.get(id);
    // A clock that was set back must not silence it.
    if (noted !== undefined && noted <= now && now - noted < SEEN_EVERY_MS) return;
    if (this.#noted.size >= MAX_REMEMBERED) this.#noted.clear();
    this.#noted.set(id, now);
    this.#sightings.set(id, new Date(now));
    if (!this.#stopped) this.#timer ??= setTimeout(() => void this.#write(), TOGETHER_MS);
  }

  /** Before the broker listens. */
  async forgetConnections(): Promise<void> {
    await this.#app.events.sql(async (client, record) => {
      const { rows } = await client.query<{ id: string; owner_id: string }>(FORGET);
      for (const { id, owner_id: ownerId } of rows)
        record({ topic: `things/${id}`, operation: 'UPDATE', ownerId, payload: { connected: false } });
    });
  }

  /** Writes what is still to be written. */
  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await this.#write();
  }

  /** In the order in which it happened. */
  #moved(id: string, connected: boolean): void {
    this.#lanes
      .run(id, true, async () => {
        const ref = await this.#refs.byId(id);
        // Being deleted: nobody is told any more.
        if (ref === undefined) return;
        await this.#app.events.sql(async (client, record) => {
          const { rows } = await client.query<{ last_seen_at: Date }>({
            name: connected ? 'thing-came' : 'thing-gone',
            text: connected ? CAME : GONE,
            values: [id],
          });
          const lastSeenAt = rows[0]?.last_seen_at.toISOString();
          if (lastSeenAt === undefined) return;
          const payload = { connected, lastSeenAt };
          record({ topic: `things/${id}`, operation: 'UPDATE', ownerId: ref.ownerId, payload });
        });
        if (connected) this.#noted.set(id, Date.now());
        else this.#noted.delete(id);
      })
      .catch((error: unknown) =>
        this.#app.logger.warn({ err: error, thing: id }, 'it could not be noted that a thing came or went'),
      );
  }

  async #write(): Promise<void> {
    this.#timer = undefined;
    const sightings = [...this.#sightings];
    this.#sightings = new Map();
    if (sightings.length === 0) return;
    try {
      await this.#app.events.sql(async (client, record) => {
        const { rows } = await client.query<{ thing_id: string; owner_id: string; last_seen_at: Date }>({
          name: 'things-seen',
          text: SEEN,
          values: [sightings.map(([id]) => id), sightings.map(([, at]) => at)],
        });
        for (const { thing_id: id, owner_id: ownerId, last_seen_at: at } of rows)
          record({
            topic: `things/${id}`,
            operation: 'UPDATE',
            ownerId,
            payload: { lastSeenAt: at.toISOString() },
          });
      });
    } catch (error) {
      this.#app.logger.warn({ err: error }, 'it could not be noted when things were last seen');
    }
  }
}
