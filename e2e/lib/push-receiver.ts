import { connect, type Socket } from 'node:net';

/** A block as it came: frames of type 3. */
export interface Received {
  blockId: number;
  count: number;
  payload: string;
}

const text = (value: string): Buffer => {
  const bytes = Buffer.from(value);
  const length = Buffer.alloc(2);
  length.writeUInt16BE(bytes.length);
  return Buffer.concat([length, bytes]);
};

/** A plain client of the push protocol: signs in, and acknowledges what comes. */
export class PushReceiver {
  readonly received: Received[] = [];
  readonly #socket: Socket;
  #rest = Buffer.alloc(0);
  /** Answer to the sign-in; 0: none yet. */
  status = 0;

  constructor(options: { port: number; user: string; password: string; monitorId: number }) {
    this.#socket = connect(options.port, '127.0.0.1');
    const body = Buffer.concat([
      Buffer.from([0, 1]),
      text(options.user),
      text(options.password),
      Buffer.alloc(4),
    ]);
    body.writeUInt32BE(options.monitorId, body.length - 4);
    const head = Buffer.alloc(6);
    head.writeUInt16BE(1);
    head.writeUInt32BE(body.length, 2);
    this.#socket.on('error', () => {});
    this.#socket.write(Buffer.concat([head, body]));
    this.#socket.on('data', (data) => this.#read(data));
  }

  close(): void {
    this.#socket.destroy();
  }

  #read(data: Buffer): void {
    this.#rest = Buffer.concat([this.#rest, data]);
    while (this.#rest.length >= 6 && this.#rest.length >= 6 + this.#rest.readUInt32BE(2)) {
      const end = 6 + this.#rest.readUInt32BE(2);
      const [kind, body] = [this.#rest.readUInt16BE(), this.#rest.subarray(6, end)];
      this.#rest = this.#rest.subarray(end);
      if (kind === 2) this.status = body.readUInt16BE();
      if (kind === 3) this.#take(body);
    }
  }

  #take(body: Buffer): void {
    const blockId = body.readUInt16BE();
    this.received.push({ blockId, count: body.readUInt16BE(2), payload: body.subarray(10).toString() });
    const answer = Buffer.from([0, 4, 0, 0, 0, 4, 0, 0, 0, 200]);
    answer.writeUInt16BE(blockId, 6);
    this.#socket.write(answer);
  }
}
