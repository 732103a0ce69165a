import type { PoolClient } from 'pg';
import type { RecordedEvent } from '#core/events/types.js';
import { type Fact, factOfMessage, factOfValue } from './fact.js';

/** Why an event is no message: whose it is was deleted meanwhile, or it is too large. */
export type Refused = 'deleted' | 'tooLarge';

/** The facts events tell of, in the same order, read many at a time. */
export async function factsOf(client: PoolClient, events: RecordedEvent[]): Promise<(Fact | Refused)[]> {
  const names = new Names(events);
  await names.read(client);
  return events.map((event) => names.factOf(event));
}

interface MessagePayload {
  at: string;
  preview: string;
  truncated: boolean;
}

interface ValuePayload {
  value: unknown;
  uom: unknown;
}

/** What events do not say themselves. */
class Names {
  readonly #things = new Map<string, string>();
  readonly #payloads = new Map<string, string>();
  readonly #nodeServers = new Map<string, string>();
  readonly #nodes = new Map<string, string>();
  /** Messages whose payload is too long for the event. */
  readonly #long: string[] = [];

  constructor(events: RecordedEvent[]) {
    for (const { topic, payload } of events) {
      const [kind, id = '', , second = ''] = topic.split('/');
      if (kind === 'nodeServers') {
        this.#nodeServers.set(id, '');
        this.#nodes.set(`${id}/${second}`, second);
        continue;
      }
      this.#things.set(id, '');
      if (payload.truncated === true) this.#long.push(second);
    }
  }

  /** Sent together: one round trip. */
  async read(client: PoolClient): Promise<void> {
    await Promise.all([
      this.#fill(client, this.#things, 'SELECT id AS key, name AS value FROM things', [
        ...this.#things.keys(),
      ]),
      this.#fill(
        client,
        this.#payloads,
        'SELECT id AS key, payload::text AS value FROM messages',
        this.#long,
      ),
      this.#fill(client, this.#nodeServers, 'SELECT id AS key, name AS value FROM node_servers', [
        ...this.#nodeServers.keys(),
      ]),
      this.#readNodes(client),
    ]);
  }

  factOf({ topic, payload, at }: RecordedEvent): Fact | Refused {
    const [kind, id = '', , second = '', , driver = ''] = topic.split('/');
    if (kind === 'nodeServers') {
      const { value, uom } = payload as unknown as ValuePayload;
      const nodeServerName = this.#nodeServers.get(id);
      if (!nodeServerName) return 'deleted';
      const nodeName = this.#nodes.get(`${id}/${second}`) ?? second;
      return factOfValue({
        nodeServerId: id,
        nodeServerName,
        address: second,
        nodeName,
        driver,
        value,
        uom,
        at,
      });
    }
    const message = payload as unknown as MessagePayload;
    const json = message.truncated ? this.#payloads.get(second) : message.preview;
    const thingName = this.#things.get(id);
    if (!thingName || json === undefined) return 'deleted';
    try {
      return factOfMessage({ id: second, thingId: id, thingName, at: new Date(message.at), json });
    } catch (error) {
      if (error instanceof RangeError) return 'tooLarge';
      throw error;
    }
  }

  async #fill(client: PoolClient, into: Map<string, string>, select: string, ids: string[]): Promise<void> {
    if (ids.length === 0) return;
    const { rows } = await client.query<{ key: string; value: string }>({
      name: `rule-facts ${select}`.slice(0, 60),
      text: `${select} WHERE id = ANY($1::uuid[])`,
      values: [ids],
    });
    for (const { key, value } of rows) into.set(key, value);
  }

  async #readNodes(client: PoolClient): Promise<void> {
    if (this.#nodes.size === 0) return;
    const keys = [...this.#nodes.keys()].map((key) => key.split('/'));
    const { rows } = await client.query<{ id: string; address: string; name: string }>({
      name: 'rule-facts-nodes',
      text: `SELECT n.node_server_id AS id, n.address, n.name FROM unnest($1::uuid[], $2::text[]) AS k(id, address)
             JOIN nodes n ON n.node_server_id = k.id AND n.address = k.address`,
      values: [keys.map(([id]) => id), keys.map(([, address]) => address)],
    });
    for (const { id, address, name } of rows) this.#nodes.set(`${id}/${address}`, name);
  }
}
