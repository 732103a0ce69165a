import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import {
  encodeConnectionRequest,
  FrameReader,
  PUSH_STATUS,
  type PublishMessage,
  type PushFrame,
  PushFrameError,
} from '@polyrelay/codecs/push';
import { reasonOf } from '@polyrelay/essentials';
import { connectionError, PushError } from './errors.js';
import type { Settings } from './settings.js';

/** Silence after which the system asks whether the other side is still there: the protocol has no frame for it. */
const KEEP_ALIVE_MS = 30_000;
/** For what is on its way when it is closed. */
const CLOSE_MS = 2000;

export interface ConnectionHandlers {
  opened(): void;
  block(message: PublishMessage): void;
  /** Once, and the last. */
  ended(why: PushError): void;
}

/** One connection to a service, signed in for one monitor. It begins to connect at once. */
export class Connection {
  readonly #settings: Settings;
  readonly #monitorId: number;
  readonly #handlers: ConnectionHandlers;
  readonly #socket: Socket;
  readonly #reader: FrameReader;
  readonly #timer: NodeJS.Timeout;
  #state: 'connecting' | 'open' | 'ended' = 'connecting';

  constructor(settings: Settings, monitorId: number, handlers: ConnectionHandlers) {
    this.#settings = settings;
    this.#monitorId = monitorId;
    this.#handlers = handlers;
    this.#reader = new FrameReader('client', (frame) => this.#take(frame), {
      maxPayloadBytes: settings.maxBlockBytes,
    });
    this.#timer = setTimeout(() => this.#fail(this.#unavailable('no answer in time')), settings.timeoutMs);
    this.#socket = dial(settings);
    this.#socket
      .setKeepAlive(true, KEEP_ALIVE_MS)
      .setNoDelay(true)
      .once(settings.insecure ? 'connect' : 'secureConnect', () => this.#signIn())
      .on('data', (piece) => this.#read(piece))
      .on('error', (error) => this.#end(connectionError(this.#where, error)))
      .on('close', () => this.#end(this.#unavailable(this.#cutShort())));
  }

  get isOpen(): boolean {
    return this.#state === 'open';
  }

  /** @returns whether it is on its way */
  send(frame: Uint8Array): boolean {
    if (this.#state !== 'open' || !this.#socket.writable) return false;
    this.#socket.write(frame);
    return true;
  }

  /** Reads no more: the service is held up by TCP. */
  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  /** Resolves when what was sent is out. What still comes is not read. */
  close(): Promise<void> {
    this.#end(this.#unavailable('closed'));
    return new Promise((resolve) => {
      if (this.#socket.closed) return resolve();
      // Bytes left unread would make the system reset the connection, and acknowledgements on their way be lost.
      const timer = setTimeout(() => this.#socket.destroy(), CLOSE_MS);
      this.#socket.once('close', () => {
        clearTimeout(timer);
        resolve();
      });
      if (this.#socket.connecting) this.#socket.destroy();
      else this.#socket.resume().end();
    });
  }

  #signIn(): void {
    const { username, password } = this.#settings;
    this.#socket.write(encodeConnectionRequest({ username, password, monitorId: this.#monitorId }));
  }

  #read(piece: Uint8Array): void {
    if (this.#state === 'ended') return;
    try {
      this.#reader.push(piece);
    } catch (error) {
      if (!(error instanceof PushFrameError)) throw error;
      const hint =
        this.#state === 'connecting'
          ? 'Is this the push port of the service?'
          : 'The connection is given up.';
      this.#fail(new PushError('PROTOCOL', `${this.#where}: ${error.message}. ${hint}`, { cause: error }));
    }
  }

  #take(frame: PushFrame): void {
    if (this.#state === 'ended') return;
    if (frame.type === 'publishMessage') this.#handlers.block(frame);
    else if (frame.type === 'connectionResponse') this.#answered(frame.status);
  }

  #answered(status: number): void {
    if (status !== PUSH_STATUS.ok) {
      this.#fail(this.#refusal(status));
      return;
    }
    clearTimeout(this.#timer);
    this.#state = 'open';
    this.#handlers.opened();
  }

  #refusal(status: number): PushError {
    const { username } = this.#settings;
    if (status === PUSH_STATUS.notAuthorised)
      return new PushError(
        'REFUSED',
        `${this.#where} does not let ${username} in (403). Are user name and password right?`,
      );
    if (status === PUSH_STATUS.badRequest)
      return new PushError(
        'REFUSED',
        `${this.#where} refuses monitor ${this.#monitorId} (400): ${username} has no such monitor for TCP. Make it, or find its id.`,
      );
    return this.#unavailable(`it answers ${status}`);
  }

  /** Not worth reading on. */
  #fail(why: PushError): void {
    this.#end(why);
    this.#socket.destroy();
  }

  #end(why: PushError): void {
    if (this.#state === 'ended') return;
    this.#state = 'ended';
    clearTimeout(this.#timer);
    this.#handlers.ended(why);
  }

  #cutShort(): string {
    try {
      this.#reader.end();
    } catch (error) {
      return reasonOf(error);
    }
    return this.#state === 'open'
      ? 'the connection was closed'
      : 'the connection was closed before it was answered';
  }

  #unavailable(why: string): PushError {
    return new PushError('UNAVAILABLE', `${this.#where}: ${why}`);
  }

  get #where(): string {
    const { host, port } = this.#settings;
    return `${isIP(host) === 6 ? `[${host}]` : host}:${port}`;
  }
}

function dial({ host, port, insecure, ca }: Settings): Socket {
  if (insecure) return connectTcp({ host, port });
  return connectTls({
    host,
    port,
    // A certificate may be for an address, but that is not a name to ask for.
    ...(isIP(host) === 0 ? { servername: host } : {}),
    ...(ca === undefined ? {} : { ca }),
    minVersion: 'TLSv1.2',
  });
}
