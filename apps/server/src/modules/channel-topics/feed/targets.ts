import type { FastifyInstance } from 'fastify';

/** So many topics are remembered, with the channels they feed. */
const MAX_KEPT = 10_000;

/** Which channels a topic of a user feeds; asked once, until a channel changes. */
export class FeedTargets {
  readonly #app: FastifyInstance;
  readonly #kept = new Map<string, Promise<number[]>>();

  constructor(app: FastifyInstance) {
    this.#app = app;
    app.events.on('channels/+', () => this.#kept.clear());
  }

  /** Ids, in their order. */
  of(userId: string, topic: string): Promise<number[]> {
    const key = `${userId} ${topic}`;
    const kept = this.#kept.get(key);
    if (kept !== undefined) return kept;
    if (this.#kept.size >= MAX_KEPT) this.#kept.clear();
    const asked = this.#ask(userId, topic);
    this.#kept.set(key, asked);
    asked.catch(() => this.#kept.delete(key));
    return asked;
  }

  async #ask(userId: string, topic: string): Promise<number[]> {
    const { rows } = await this.#app.database.pool.query<{ id: number }>({
      name: 'channel-feed-targets',
      text: 'SELECT id FROM channels WHERE owner_id = $1 AND topic = $2 ORDER BY id',
      values: [userId, topic],
    });
    return rows.map(({ id }) => id);
  }
}
