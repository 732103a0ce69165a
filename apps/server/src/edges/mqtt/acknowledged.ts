import { topicMatches } from '@polyrelay/contract';
import type { Client } from 'aedes';
import type { Delivered, GrantedQos } from './types.js';

/** A client that takes a message and is silent about it for this long is not waited for. */
const SILENT_MS = 30_000;

const MAX_MESSAGE_ID = 65_535;

/** What is used of the inside of an aedes client: its `ack` event does not say which message a PUBACK is for. */
interface InnerClient {
  _parser: {
    on(event: 'packet', listener: (packet: { cmd: string; messageId?: number }) => void): void;
  };
  /** The id of its next QoS 1 message. */
  _nextId: number;
  subscriptions: Record<string, { qos: number } | undefined>;
  closed: boolean;
  deliverQoS(packet: object, written: () => void): void;
}

interface SendOptions {
  qos: GrantedQos;
  retain?: boolean;
  /** Wait for the acknowledgement as long as the connection stands. */
  patient?: boolean;
}

/** Messages to one connection, each with the answer whether the client acknowledged it. */
export class Outbox {
  readonly #client: InnerClient;
  readonly #silentMs: number;
  /** By message id: hears what became of it. */
  readonly #unacknowledged = new Map<number, (outcome: Delivered) => void>();
  #nextId: number;

  constructor(client: Client, silentMs = SILENT_MS) {
    this.#client = client as unknown as InnerClient;
    this.#silentMs = silentMs;
    this.#nextId = this.#client._nextId;
    this.#shareIds();
    this.#client._parser.on('packet', ({ cmd, messageId }) => {
      if (cmd === 'puback') this.#unacknowledged.get(messageId ?? 0)?.('acknowledged');
    });
    client.conn.once('close', () => {
      for (const settle of this.#unacknowledged.values()) settle('ended');
    });
  }

  /** Sends a message; those of one connection arrive in the order of the calls. */
  send(topic: string, payload: string, options: SendOptions): Promise<Delivered> {
    return options.qos === 0
      ? this.#sendOnce(topic, payload, options)
      : this.#sendUntilAcknowledged(topic, payload, options);
  }

  #sendOnce(topic: string, payload: string, { retain = false }: SendOptions): Promise<Delivered> {
    return new Promise((resolve) => {
      this.#client.deliverQoS({ cmd: 'publish', topic, payload, qos: 0, retain }, () =>
        resolve(this.#client.closed ? 'ended' : 'sent'),
      );
    });
  }

  #sendUntilAcknowledged(
    topic: string,
    payload: string,
    { retain = false, patient = false }: SendOptions,
  ): Promise<Delivered> {
    if (this.#client.closed || this.#unacknowledged.size >= MAX_MESSAGE_ID) return Promise.resolve('ended');
    return new Promise((resolve) => {
      const messageId = this.#client._nextId;
      this.#nextId = after(messageId);
      const settle = (outcome: Delivered): void => {
        clearTimeout(timer);
        this.#unacknowledged.delete(messageId);
        resolve(outcome);
      };
      const timer = patient ? undefined : setTimeout(settle, this.#silentMs, 'sent').unref();
      this.#unacknowledged.set(messageId, settle);
      this.#client.deliverQoS({ cmd: 'publish', topic, payload, qos: 1, retain, messageId }, () => {
        if (this.#client.closed) settle('ended');
      });
    });
  }

  /** aedes numbers its own messages from the same counter: an id that waits for its PUBACK is not given again. */
  #shareIds(): void {
    Object.defineProperty(this.#client, '_nextId', {
      get: () => {
        while (this.#unacknowledged.has(this.#nextId)) this.#nextId = after(this.#nextId);
        return this.#nextId;
      },
      set: (id: number) => {
        this.#nextId = id;
      },
    });
  }
}

const after = (messageId: number): number => (messageId >= MAX_MESSAGE_ID ? 1 : messageId + 1);

/** The quality of service with which a connection hears a topic; undefined when it does not. */
export function grantedQos(client: Client, topic: string): GrantedQos | undefined {
  let granted: GrantedQos | undefined;
  for (const [filter, subscription] of Object.entries((client as unknown as InnerClient).subscriptions)) {
    if (subscription === undefined || !topicMatches(filter, topic)) continue;
    if (subscription.qos > 0) return 1;
    granted = 0;
  }
  return granted;
}

/** What became of a message that went to several connections of one identity. */
export function together(outcomes: Delivered[]): Delivered {
  const best = (['acknowledged', 'sent', 'ended'] as const).find((outcome) => outcomes.includes(outcome));
  return best ?? 'absent';
}
