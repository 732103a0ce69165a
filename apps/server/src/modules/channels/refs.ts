import { channelOfEvent } from '@polyrelay/contract';
import type { FastifyInstance } from 'fastify';

/** What is needed of a channel on every read and write. */
export interface ChannelRef {
  id: number;
  ownerId: string;
  name: string;
  enabled: boolean;
  /** Seconds. */
  messagesTtl: number;
  /** MQTT topic that feeds it. */
  topic: string | null;
}

interface RefRow {
  id: number;
  owner_id: string;
  name: string;
  enabled: boolean;
  messages_ttl: number;
  topic: string | null;
}

/** So many stay at hand; the one not asked for the longest goes first. */
const MAX_KEPT = 20_000;

/** Channels by id, read once and kept until something about them changes. */
export class ChannelRefs {
  readonly #app: FastifyInstance;
  readonly #byId = new Map<number, ChannelRef>();
  /** Grows with everything that is forgotten: what was being read meanwhile is read again. */
  #forgotten = 0;

  constructor(app: FastifyInstance) {
    this.#app = app;
    app.events.on('channels/+', (event) => this.forget(channelOfEvent(event)));
  }

  /** From here on nobody is given what was known of a channel before. */
  forget(id: number): void {
    this.#forgotten++;
    this.#byId.delete(id);
  }

  async byId(id: number): Promise<ChannelRef | undefined> {
    const kept = this.#byId.get(id);
    if (kept !== undefined) {
      this.#byId.delete(id);
      this.#byId.set(id, kept);
      return kept;
    }
    const forgotten = this.#forgotten;
    const { rows } = await this.#app.database.pool.query<RefRow>({
      name: 'channel-ref',
      text: 'SELECT id, owner_id, name, enabled, messages_ttl, topic FROM channels WHERE id = $1',
      values: [id],
    });
    if (forgotten !== this.#forgotten) return this.byId(id);
    const ref = rows[0] && present(rows[0]);
    if (ref !== undefined) this.#keep(ref);
    return ref;
  }

  #keep(ref: ChannelRef): void {
    this.#byId.set(ref.id, ref);
    const [oldest] = this.#byId.keys();
    if (this.#byId.size > MAX_KEPT && oldest !== undefined) this.#byId.delete(oldest);
  }
}

const present = (row: RefRow): ChannelRef => ({
  id: row.id,
  ownerId: row.owner_id,
  name: row.name,
  enabled: row.enabled,
  messagesTtl: row.messages_ttl,
  topic: row.topic,
});
