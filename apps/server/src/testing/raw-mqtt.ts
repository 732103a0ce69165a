import { once } from 'node:events';
import { createConnection, type Socket } from 'node:net';

/** A message as it came over the wire; `messageId` is undefined at QoS 0. */
export interface RawMessage {
  topic: string;
  payload: string;
  messageId: number | undefined;
}

const [CONNECT, PUBLISH, PUBACK, SUBSCRIBE] = [1, 3, 4, 8];

/** A bare MQTT 3.1.1 client that acknowledges nothing by itself: for what no library would do. */
export class RawMqttClient {
  readonly socket: Socket;
  readonly messages: RawMessage[] = [];
  onMessage: (message: RawMessage) => void = () => undefined;
  #rest = Buffer.alloc(0);
  #answered: () => void = () => undefined;

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.on('error', () => undefined).on('data', (chunk: Buffer) => this.#take(chunk));
  }

  static async connect(port: number, clientId: string, username: string): Promise<RawMqttClient> {
    const socket = createConnection({ host: '127.0.0.1', port, noDelay: true });
    await once(socket, 'connect');
    const client = new RawMqttClient(socket);
    const flags = Buffer.from([4, 0x82, 0, 0]);
    await client.#ask(CONNECT << 4, Buffer.concat([text('MQTT'), flags, text(clientId), text(username)]));
    return client;
  }

  subscribe(filter: string, qos: 0 | 1): Promise<void> {
    const body = Buffer.concat([Buffer.from([0, 1]), text(filter), Buffer.from([qos])]);
    return this.#ask((SUBSCRIBE << 4) | 2, body);
  }

  acknowledge(messageId: number): void {
    this.socket.write(Buffer.from([PUBACK << 4, 2, messageId >> 8, messageId & 255]));
  }

  #ask(header: number, body: Buffer): Promise<void> {
    return new Promise((resolve) => {
      this.#answered = resolve;
      this.socket.write(Buffer.concat([Buffer.from([header, body.length]), body]));
    });
  }

  #take(chunk: Buffer): void {
    this.#rest = Buffer.concat([this.#rest, chunk]);
    for (;;) {
      let length = 0;
      let at = 1;
      let byte = 128;
      for (; byte >= 128; at++) {
        byte = this.#rest[at] ?? -1;
        if (byte < 0) return;
        length += (byte & 127) * 128 ** (at - 1);
      }
      if (this.#rest.length < at + length) return;
      this.#packet(this.#rest[0] ?? 0, this.#rest.subarray(at, at + length));
      this.#rest = this.#rest.subarray(at + length);
    }
  }

  #packet(header: number, body: Buffer): void {
    if (header >> 4 !== PUBLISH) {
      if (header >> 4 !== PUBACK) this.#answered();
      return;
    }
    const end = 2 + body.readUInt16BE(0);
    const acknowledged = (header & 6) !== 0;
    const message = {
      topic: body.toString('utf8', 2, end),
      payload: body.toString('utf8', acknowledged ? end + 2 : end),
      messageId: acknowledged ? body.readUInt16BE(end) : undefined,
    };
    this.messages.push(message);
    this.onMessage(message);
  }
}

const text = (value: string): Buffer => {
  const bytes = Buffer.from(value);
  return Buffer.concat([Buffer.from([bytes.length >> 8, bytes.length & 255]), bytes]);
};
