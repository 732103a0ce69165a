import type { Client } from 'aedes';
import { ClientConnection } from './connection.js';
import type { MqttIdentity, MqttParty } from './types.js';

type Clients = Map<string, Set<Client>>;

interface Known {
  identity: MqttIdentity;
  connection: ClientConnection;
}

/** How an identity is called in front of its client ids. */
export const keyOf = ({ kind, id }: Pick<MqttIdentity, 'kind' | 'id'>): string => `${kind}/${id}`;

/** The identity whose connection has a client id; an id holds no colon. */
export const keyOfClientId = (clientId: string): string => clientId.slice(0, clientId.indexOf(':'));

/** Which connections belong to whom. */
export class Identities {
  readonly #known = new WeakMap<Client, Known>();
  readonly #connected: Clients = new Map();
  /** Known, and not ready yet. */
  readonly #connecting: Clients = new Map();

  /** A connection has signed in, and is not registered yet. */
  signedIn(client: Client, identity: MqttIdentity, asked: { clientId: string; lasting: boolean }): void {
    this.#known.set(client, { identity, connection: new ClientConnection(client, identity, asked) });
    const key = keyOf(identity);
    add(this.#connecting, key, client);
    client.conn.once('close', () => remove(this.#connecting, key, client));
  }

  of(client: Client): MqttIdentity | undefined {
    return this.#known.get(client)?.identity;
  }

  connectionOf(client: Client): ClientConnection | undefined {
    return this.#known.get(client)?.connection;
  }

  /** @returns how many connections the identity has now */
  came(client: Client, identity: MqttIdentity): number {
    remove(this.#connecting, keyOf(identity), client);
    return add(this.#connected, keyOf(identity), client);
  }

  /** @returns how many connections the identity has left */
  went(client: Client, identity: MqttIdentity): number {
    return remove(this.#connected, keyOf(identity), client);
  }

  /** The connections of an identity that stand. */
  connections(identity: Pick<MqttIdentity, 'kind' | 'id'>): ClientConnection[] {
    return [...(this.#connected.get(keyOf(identity)) ?? [])].flatMap(
      (client) => this.connectionOf(client) ?? [],
    );
  }

  /** How many connections of its identity stand besides one. */
  others(client: Client, identity: MqttIdentity): number {
    const clients = this.#connected.get(keyOf(identity));
    return (clients?.size ?? 0) - (clients?.has(client) ? 1 : 0);
  }

  /** Every connection of somebody, also one that is being made. */
  clientsOf(party: MqttParty): Client[] {
    const key = keyOf(party);
    const clients = [...(this.#connecting.get(key) ?? []), ...(this.#connected.get(key) ?? [])];
    const { credentialId } = party;
    if (credentialId === undefined) return clients;
    return clients.filter((client) => this.of(client)?.credentialId === credentialId);
  }

  *all(): Iterable<MqttIdentity> {
    for (const clients of this.#connected.values())
      for (const client of clients) {
        const identity = this.of(client);
        if (identity !== undefined) yield identity;
      }
  }
}

/** @returns how many there are now */
function add(to: Clients, key: string, client: Client): number {
  const clients = to.get(key) ?? new Set();
  to.set(key, clients.add(client));
  return clients.size;
}

/** @returns how many are left */
function remove(from: Clients, key: string, client: Client): number {
  const clients = from.get(key);
  clients?.delete(client);
  if (clients?.size === 0) from.delete(key);
  return clients?.size ?? 0;
}
