import { Id, THING_FILTERS } from '@polyrelay/contract';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { MqttMessage } from '#edges/mqtt/index.js';
import type { ThingsPort } from './port.js';

/** So many things' parts stay in mind; after that some are looked at once more. */
const MAX_REMEMBERED = 100_000;

/** The bootstrap's message, as the published SDK sends it; a real one has 200 bytes. */
const TestMessage = z.object({ thingId: Id });
const MAX_TEST_BYTES = 64 * 1024;

type Part = 'collected' | 'published';

const NOTE: Record<Part, string> = {
  collected: note('test_collected_at'),
  published: note('test_published_at'),
};

function note(column: string): string {
  return `UPDATE things SET ${column} = now() WHERE id = $1 AND ${column} IS NULL AND NOT deleting
    RETURNING owner_id, test_collected_at, test_published_at`;
}

interface NotedRow {
  owner_id: string;
  test_collected_at: Date | null;
  test_published_at: Date | null;
}

/**
 * A thing is verified when its bootstrap has been seen: one collected message and one publish on `flashlex/test`. What
 * has been seen of a thing in this run is not looked at again.
 */
export class Verification {
  readonly #app: FastifyInstance;
  readonly #things: ThingsPort;
  readonly #seen = new Set<string>();

  constructor(app: FastifyInstance, things: ThingsPort) {
    this.#app = app;
    this.#things = things;
    app.mqtt.on(THING_FILTERS.test, (message) => this.#tested(message));
    app.events.on(
      'things/+/messages/+',
      ({ topic, operation, payload }) => {
        if (operation === 'INSERTION' && payload.type === 'egress')
          return this.#note(topic.split('/')[1] ?? '', 'collected');
      },
      { localOnly: true },
    );
  }

  async #tested(message: MqttMessage): Promise<void> {
    const id = message.identity === null ? await this.#claimed(message) : message.identity.id;
    if (id !== undefined) await this.#note(id, 'published');
  }

  /** Who published over an outside broker: its word is taken, because nobody else knows its id. */
  async #claimed({ payload }: MqttMessage): Promise<string | undefined> {
    if (payload.length > MAX_TEST_BYTES) return undefined;
    const id = claimedThing(payload);
    const ref = id === undefined ? undefined : await this.#things.refs.byId(id);
    if (ref?.enabled !== true) return undefined;
    this.#things.seen(ref.id);
    return ref.id;
  }

  #note(id: string, part: Part): Promise<void> | undefined {
    const key = `${part} ${id}`;
    return this.#seen.has(key) ? undefined : this.#noteFirst(key, id, part);
  }

  async #noteFirst(key: string, id: string, part: Part): Promise<void> {
    if (this.#seen.size >= MAX_REMEMBERED) this.#seen.clear();
    this.#seen.add(key);
    try {
      await this.#app.events.sql(async (client, record) => {
        const { rows } = await client.query<NotedRow>({
          name: `thing-${part}`,
          text: NOTE[part],
          values: [id],
        });
        if (rows[0] !== undefined)
          record({
            topic: `things/${id}`,
            operation: 'UPDATE',
            ownerId: rows[0].owner_id,
            payload: changes(rows[0]),
          });
      });
    } catch (error) {
      this.#seen.delete(key);
      throw error;
    }
  }
}

/** What the two parts make of a thing. */
function changes({ test_collected_at: collected, test_published_at: published }: NotedRow) {
  return {
    status: collected !== null && published !== null ? 'verified' : 'created',
    bootstrap: {
      collectedAt: collected?.toISOString() ?? null,
      publishedAt: published?.toISOString() ?? null,
    },
  };
}

function claimedThing(payload: Buffer): string | undefined {
  try {
    const { data } = TestMessage.safeParse(JSON.parse(payload.toString()));
    return data?.thingId.toLowerCase();
  } catch {
    return undefined;
  }
}
