import { createPublicKey, type KeyObject } from 'node:crypto';
import type { FastifyInstance } from 'fastify';

/** What is needed of a thing on every message: who it is, whose, and how it proves it. */
export interface ThingRef {
  id: string;
  ownerId: string;
  name: string;
  enabled: boolean;
  certificateId: string;
  /** Verifies its tokens; parsed once. */
  publicKey: KeyObject;
}

interface RefRow {
  id: string;
  owner_id: string;
  name: string;
  enabled: boolean;
  certificate_id: string;
  public_key: string;
}

/** So many stay at hand; the one not asked for the longest goes first. */
const MAX_KEPT = 20_000;

/** Things by id, certificate and name, read once and kept until something about them changes. */
export class ThingRefs {
  readonly #app: FastifyInstance;
  readonly #byId = new Map<string, ThingRef>();
  /** The one asked for last is in its place already. */
  #newest: ThingRef | undefined;
  /** Grows with everything that is forgotten: what was being read meanwhile is read again. */
  #forgotten = 0;

  constructor(app: FastifyInstance) {
    this.#app = app;
    app.events.on('things/+', ({ topic, operation, payload }) => {
      if (operation === 'DELETION' || 'enabled' in payload || 'keysMadeAt' in payload)
        this.forget(topic.split('/')[1] ?? '');
    });
  }

  /** From here on nobody is given what was known of a thing before. */
  forget(id: string): void {
    this.#forgotten++;
    this.#byId.delete(id);
  }

  async byId(id: string): Promise<ThingRef | undefined> {
    return this.kept(id) ?? this.#read('id = $1::uuid', id);
  }

  /** A thing that is at hand: nothing has to be waited for. @param id not checked */
  kept(id: string): ThingRef | undefined {
    const kept = this.#byId.get(id);
    if (kept === undefined || kept === this.#newest) return kept;
    this.#byId.delete(id);
    this.#byId.set(id, kept);
    this.#newest = kept;
    return kept;
  }

  byCertificate(certificateId: string): Promise<ThingRef | undefined> {
    return this.#read('certificate_id = $1', certificateId);
  }

  byName(name: string): Promise<ThingRef | undefined> {
    return this.#read('name = $1', name);
  }

  async #read(where: string, value: string): Promise<ThingRef | undefined> {
    const { row, forgotten } = await this.#row(where, value);
    if (forgotten !== this.#forgotten) return this.#read(where, value);
    if (row === undefined) return undefined;
    const ref: ThingRef = {
      id: row.id,
      ownerId: row.owner_id,
      name: row.name,
      enabled: row.enabled,
      certificateId: row.certificate_id,
      publicKey: createPublicKey(row.public_key),
    };
    this.#byId.set(ref.id, ref);
    this.#newest = ref;
    const [oldest] = this.#byId.keys();
    if (this.#byId.size > MAX_KEPT && oldest !== undefined) this.#byId.delete(oldest);
    return ref;
  }

  async #row(where: string, value: string): Promise<{ row: RefRow | undefined; forgotten: number }> {
    const forgotten = this.#forgotten;
    const { rows } = await this.#app.database.pool.query<RefRow>({
      name: `thing-ref-${where}`,
      text: `SELECT id, owner_id, name, enabled, certificate_id, public_key FROM things WHERE ${where} AND NOT deleting`,
      values: [value],
    });
    return { row: rows[0], forgotten };
  }
}
