import type { Socket } from 'node:net';
import {
  type ConnectionRequest,
  encodeConnectionResponse,
  FrameReader,
  PUSH_STATUS,
  type PushFrame,
  PushFrameError,
} from '@polyrelay/codecs/push';
import type { FastifyInstance } from 'fastify';
import { DomainError, messageOf } from '#core/errors.js';
import { printable } from '#core/text.js';
import type { PushFigures, RefusalReason } from './figures.js';
import type { Limits } from './limits.js';
import type { SessionEnd } from './ports.js';
import { type SignedIn, signIn } from './sign-in.js';
import { SocketSink } from './sink.js';
import type { Stranger } from './strangers.js';

/** What the connections of a listener share. */
export interface Shared {
  app: FastifyInstance;
  limits: Limits;
  figures: PushFigures;
  /** A stranger has signed in. */
  onSession(connection: PushConnection, stranger: Stranger): void;
  onClosed(connection: PushConnection): void;
}

/** Why a session ended that its monitor ended, for the log. */
const ENDS: Record<SessionEnd, string> = {
  takenOver: 'another session of the monitor took over',
  changed: 'the monitor was changed',
  deleted: 'the monitor was deleted',
  disabled: 'the monitor was disabled',
  closing: 'the service is closing',
  failed: 'the monitor could not be read on',
};

/** One connection of an application: first its request, then the session of a monitor. */
export class PushConnection {
  readonly #socket: Socket;
  readonly #shared: Shared;
  readonly #reader: FrameReader;
  #state: 'request' | 'answering' | 'session' | 'ended' = 'request';
  #stranger: Stranger | undefined;
  #sink: SocketSink | undefined;
  #monitorId: number | undefined;
  #stopHearing: (() => void) | undefined;
  #expiresAt = Number.POSITIVE_INFINITY;
  #noted: Promise<void> | undefined;

  constructor(socket: Socket, stranger: Stranger, shared: Shared) {
    this.#socket = socket;
    this.#stranger = stranger;
    this.#shared = shared;
    this.#reader = new FrameReader('server', (frame) => this.#onFrame(frame));
    socket.on('data', (piece: Buffer) => this.#read(piece));
    // What went wrong shows in `close`, which follows.
    socket.on('error', () => undefined);
    socket.once('close', () => this.#closed());
  }

  /** Ends the session if it has stalled, or its access token has expired. */
  check(now: number): void {
    const { stalledMs } = this.#shared.limits;
    if (this.#state !== 'session') return;
    if (Date.now() >= this.#expiresAt) this.end('its access token has expired');
    else if (this.#sink?.isStalled(now, stalledMs))
      this.end(`its client took nothing for ${Math.round(stalledMs / 60_000)} minutes`);
  }

  /** Ends the session, whoever it was that wanted it. @param why for the log */
  end(why: string): void {
    if (this.#state === 'ended') return;
    const { log } = this.#shared.app;
    log.info({ monitor: this.#monitorId }, `a push session ended: ${why}`);
    this.#finish();
    this.#closeSink();
  }

  /** What its session delivered is noted; for a connection that has ended. */
  async noted(): Promise<void> {
    await this.#noted;
  }

  /** Does not wait for the client any more. */
  destroy(): void {
    this.#socket.destroy();
  }

  #read(piece: Buffer): void {
    if (this.#state === 'ended') return;
    try {
      this.#reader.push(piece);
    } catch (error) {
      if (!(error instanceof PushFrameError)) throw error;
      this.#fault(error);
    }
  }

  #fault({ fault, message }: PushFrameError): void {
    if (this.#state !== 'session')
      this.#refuse(PUSH_STATUS.badRequest, fault === 'version' ? fault : 'malformed');
    else this.end(`its client sent what is no acknowledgement: ${message}`);
  }

  #onFrame(frame: PushFrame): void {
    if (frame.type === 'connectionRequest') {
      this.#state = 'answering';
      // Nothing more is taken in until it is known who this is.
      this.#socket.pause();
      this.#answer(frame).catch((error: unknown) => this.#failed(error));
    } else if (frame.type === 'publishMessageReceived') this.#sink?.acknowledge(frame);
  }

  async #answer(request: ConnectionRequest): Promise<void> {
    const { app, limits } = this.#shared;
    const stranger = this.#stranger;
    if (stranger === undefined) return;
    stranger.deadline = performance.now() + limits.answerMs;
    const found = await signIn(app, request, stranger.address);
    if (this.#isOver()) return;
    if ('reason' in found) return this.#refuse(found.status, found.reason);
    await this.#open(found, stranger);
  }

  async #open({ caller, monitor }: SignedIn, stranger: Stranger): Promise<void> {
    const { app, limits, figures } = this.#shared;
    const onEnd = (reason: SessionEnd): void => {
      this.#sink = undefined;
      this.end(ENDS[reason]);
    };
    const sink = new SocketSink(this.#socket, { monitor, figures, onEnd });
    this.#sink = sink;
    this.#monitorId = monitor.id;
    // Heard from before it is open: who loses the access meanwhile must not be left with a session.
    this.#stopHearing = app.access.onRevoked(caller, () => this.end('its client has no access any more'));
    const peer = `${stranger.address}:${this.#socket.remotePort ?? 0}`;
    sink.attach(await app.monitors.open(monitor, sink, { peer, window: limits.window }));
    // Over meanwhile, and ended before there was a session to close.
    if (this.#isOver()) return sink.close();
    this.#state = 'session';
    this.#expiresAt = caller.expiresAt?.getTime() ?? Number.POSITIVE_INFINITY;
    this.#stranger = undefined;
    this.#shared.onSession(this, stranger);
    this.#socket.write(encodeConnectionResponse(PUSH_STATUS.ok));
    this.#socket.resume();
  }

  /** What is not the client’s fault has no status: it is to come again. */
  #failed(error: unknown): void {
    if (this.#isOver()) return;
    // The monitor was deleted meanwhile.
    if (error instanceof DomainError && error.kind === 'notFound')
      this.#refuse(PUSH_STATUS.badRequest, 'monitor');
    else {
      this.#count('failure');
      this.#shared.app.log.warn(`a push client could not be answered: ${printable(messageOf(error))}`);
      this.#sink = undefined;
      this.#finish();
    }
  }

  #refuse(status: number, reason: RefusalReason): void {
    if (this.#isOver()) return;
    this.#count(reason);
    const address = this.#stranger?.address;
    this.#shared.app.log.debug({ address, status, reason }, 'a push client was refused');
    this.#sink = undefined;
    this.#socket.write(encodeConnectionResponse(status));
    this.#finish();
  }

  #count(reason: RefusalReason): void {
    this.#shared.figures.refusals.inc({ reason });
  }

  /** After the answer the client is waited for: closed with something unread, its answer would be lost. */
  #finish(): void {
    this.#state = 'ended';
    this.#stopHearing?.();
    const socket = this.#socket;
    socket.removeAllListeners('data').resume();
    socket.end();
    const timer = setTimeout(() => socket.destroy(), this.#shared.limits.lingerMs).unref();
    socket.once('close', () => clearTimeout(timer));
  }

  #closed(): void {
    this.#state = 'ended';
    this.#stopHearing?.();
    this.#closeSink();
    this.#shared.onClosed(this);
  }

  #closeSink(): void {
    const sink = this.#sink;
    this.#sink = undefined;
    this.#noted ??= sink?.close().catch((error: unknown) => {
      this.#shared.app.log.warn({ err: error }, 'what a push session delivered could not be noted');
    });
  }

  /** Also a change of state while something was waited for. */
  #isOver(): boolean {
    return this.#state === 'ended';
  }
}
