import type { Client } from 'aedes';
import { grantedQos, Outbox } from './acknowledged.js';
import type { Connection, Delivered, GrantedQos, MqttIdentity } from './types.js';

/** A connection to the embedded broker that has signed in. */
export class ClientConnection implements Connection {
  readonly identity: MqttIdentity;
  readonly clientId: string;
  readonly lasting: boolean;
  readonly #client: Client;
  #outbox: Outbox | undefined;

  constructor(client: Client, identity: MqttIdentity, asked: { clientId: string; lasting: boolean }) {
    this.#client = client;
    this.identity = identity;
    this.clientId = asked.clientId;
    this.lasting = asked.lasting;
  }

  get closed(): boolean {
    return this.#client.closed;
  }

  filters(): string[] {
    return Object.keys((this.#client as unknown as { subscriptions: object }).subscriptions);
  }

  granted(topic: string): GrantedQos | undefined {
    return grantedQos(this.#client, topic);
  }

  send(topic: string, payload: string, options: { qos: GrantedQos; retain?: boolean }): Promise<Delivered> {
    return this.outbox().send(topic, payload, { ...options, patient: true });
  }

  /** @param silentMs for how long acknowledgements are waited for; see `Outbox` */
  outbox(silentMs?: number): Outbox {
    this.#outbox ??= new Outbox(this.#client, silentMs);
    return this.#outbox;
  }
}
