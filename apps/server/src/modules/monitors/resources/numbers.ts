import type { Pool } from 'pg';
import { isForeignKeyViolation } from '#core/database/database.js';
import type { DeviceSource } from './drafts.js';

/** So many stay at hand; then it begins anew. */
const MAX_KEPT = 200_000;

const MAKE_CUSTOMERS = `INSERT INTO customers (user_id)
  SELECT id FROM users WHERE id = ANY($1::uuid[]) ORDER BY id ON CONFLICT (user_id) DO NOTHING`;

const MAKE_DEVICES = `INSERT INTO devices (owner_id, kind, source_id)
  SELECT d.owner_id, d.kind, d.source_id FROM unnest($1::uuid[], $2::text[], $3::uuid[]) AS d(owner_id, kind, source_id)
  JOIN users u ON u.id = d.owner_id ORDER BY d.source_id ON CONFLICT (source_id) DO NOTHING`;

interface NumberRow {
  key: string;
  id: number;
}

/** The numbers that stand for users and devices in topics: made when they are first needed, and never changed. */
export class Numbers {
  readonly #pool: Pool;
  readonly #customers = new Map<string, number>();
  readonly #devices = new Map<string, number>();

  constructor(pool: Pool) {
    this.#pool = pool;
  }

  /** By the ids of users; of a user who is gone there is none. */
  async customers(ownerIds: readonly string[]): Promise<Map<string, number>> {
    return this.#numbers(this.#customers, ownerIds, {
      find: (keys) =>
        this.#rows('SELECT user_id AS key, id FROM customers WHERE user_id = ANY($1::uuid[])', keys),
      make: (keys) => this.#make(MAKE_CUSTOMERS, [keys]),
    });
  }

  /** By the ids of node servers and things. */
  async devices(sources: readonly DeviceSource[]): Promise<Map<string, number>> {
    const byId = new Map(sources.map((source) => [source.id, source]));
    return this.#numbers(this.#devices, [...byId.keys()], {
      find: (keys) =>
        this.#rows('SELECT source_id AS key, id FROM devices WHERE source_id = ANY($1::uuid[])', keys),
      make: (keys) => {
        const made = keys.flatMap((key) => byId.get(key) ?? []);
        const columns = [
          made.map((one) => one.ownerId),
          made.map((one) => one.kind),
          made.map((one) => one.id),
        ];
        return this.#make(MAKE_DEVICES, columns);
      },
    });
  }

  /** A number that is at hand. */
  keptDevice(id: string): number | undefined {
    return this.#devices.get(id);
  }

  /** Whose number it is, among the devices of a user. */
  async sourceOf(ownerId: string, deviceId: number): Promise<string | undefined> {
    const { rows } = await this.#pool.query<{ id: string }>(
      'SELECT source_id AS id FROM devices WHERE id = $2 AND owner_id = $1',
      [ownerId, deviceId],
    );
    return rows[0]?.id;
  }

  /** Reads, makes what is missing, and reads again: somebody else may have made it at the same moment. */
  async #numbers(
    kept: Map<string, number>,
    keys: readonly string[],
    { find, make }: { find(keys: string[]): Promise<NumberRow[]>; make(keys: string[]): Promise<void> },
  ): Promise<Map<string, number>> {
    const found = new Map<string, number>();
    const missing = (): string[] => [...new Set(keys)].filter((key) => !found.has(key));
    const note = (rows: NumberRow[]): void => {
      if (kept.size > MAX_KEPT) kept.clear();
      for (const { key, id } of rows) {
        kept.set(key, id);
        found.set(key, id);
      }
    };
    for (const key of keys) {
      const id = kept.get(key);
      if (id !== undefined) found.set(key, id);
    }
    if (missing().length > 0) note(await find(missing()));
    if (missing().length > 0) {
      await make(missing());
      note(await find(missing()));
    }
    return found;
  }

  async #rows(text: string, keys: string[]): Promise<NumberRow[]> {
    return (await this.#pool.query<NumberRow>(text, [keys])).rows;
  }

  async #make(text: string, values: unknown[]): Promise<void> {
    try {
      await this.#pool.query(text, values);
    } catch (error) {
      // The user was deleted at this moment: nobody is left to be told anything.
      if (!isForeignKeyViolation(error)) throw error;
    }
  }
}
