import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { inflateSync } from 'node:zlib';
import {
  type ConnectionRequest,
  encodeConnectionRequest,
  encodePublishMessageReceived,
  FrameReader,
  type PublishMessage,
} from '@polyrelay/codecs/push';

/** A connection to the push listener that notes what comes, byte by byte and frame by frame. */
export class PushPeer {
  readonly socket: Socket;
  /** What each read of the socket gave. */
  readonly reads: Buffer[] = [];
  readonly blocks: PublishMessage[] = [];
  readonly closed: Promise<void>;
  status: number | undefined;
  #wake: () => void = () => undefined;

  /** @param ca of the service, for TLS; undefined: without */
  constructor(port: number, ca?: string) {
    this.socket =
      ca === undefined
        ? connect({ host: '127.0.0.1', port, noDelay: true })
        : connectTls({ host: '127.0.0.1', servername: 'localhost', port, ca });
    const reader = new FrameReader('client', (frame) => {
      if (frame.type === 'connectionResponse') this.status = frame.status;
      if (frame.type === 'publishMessage') this.blocks.push(frame);
    });
    this.socket.on('data', (piece: Buffer) => {
      this.reads.push(piece);
      reader.push(piece);
      this.#wake();
    });
    this.socket.on('error', () => undefined);
    this.closed = new Promise((resolve) => {
      this.socket.once('close', () => {
        resolve();
        this.#wake();
      });
    });
  }

  send(bytes: Uint8Array | string): this {
    this.socket.write(bytes);
    return this;
  }

  /** Signs in. @returns the status; undefined: it was closed without one */
  async signIn(request: ConnectionRequest): Promise<number | undefined> {
    return this.send(encodeConnectionRequest(request)).answer();
  }

  async answer(): Promise<number | undefined> {
    await this.until(() => this.status !== undefined);
    return this.status;
  }

  acknowledge(blockId: number, status = 200): this {
    return this.send(encodePublishMessageReceived({ blockId, status }));
  }

  /** The events of all blocks so far, of JSON monitors: their `Msg` objects. */
  get messages(): { topic: string; operation: string; [resource: string]: unknown }[] {
    return this.blocks.flatMap(({ payload, compression }) => {
      const text = (compression === 'zlib' ? inflateSync(payload) : Buffer.from(payload)).toString();
      return JSON.parse(text).Document.Msg;
    });
  }

  /** Waits until something holds, or the connection is closed. */
  async until(holds: () => boolean): Promise<void> {
    while (!holds() && !this.socket.closed) await new Promise<void>((wake) => (this.#wake = wake));
  }

  async close(): Promise<void> {
    this.socket.destroy();
    await this.closed;
  }
}
