import { constants } from 'node:crypto';
import { createServer, type Server, type Socket } from 'node:net';
import {
  createServer as createTlsServer,
  type SecureContextOptions,
  type Server as TlsServer,
} from 'node:tls';
import type { FastifyInstance } from 'fastify';
import { listen, portOf, stopListening } from '#core/listening.js';
import type { Identity } from '#core/pki/authority.js';
import { PushConnection, type Shared } from './connection.js';
import { pushFigures } from './figures.js';
import { LIMITS, type Limits } from './limits.js';
import { type Stranger, Strangers } from './strangers.js';

/** A peer that says nothing is asked after so long, by TCP itself: it may be gone without a word. */
const KEEP_ALIVE_MS = 60_000;

/** So long clients are waited for when the service closes. */
const CLOSING_MS = 500;

/** Small frames at once: Nagle's algorithm and delayed acknowledgements add 40 ms to each. */
const SOCKET_OPTIONS = { noDelay: true, keepAlive: true, keepAliveInitialDelay: KEEP_ALIVE_MS };

/** Takes connections of push clients, with TLS and without. */
export class PushListener {
  readonly #app: FastifyInstance;
  readonly #limits: Limits;
  readonly #shared: Shared;
  readonly #strangers: Strangers;
  readonly #connections = new Set<PushConnection>();
  readonly #sessions = new Set<PushConnection>();
  /** Connections in the middle of their TLS handshake, by the peer's address and port. */
  readonly #handshakes = new Map<string, Stranger>();
  readonly #plain: Server;
  readonly #tlsPort: Server;
  readonly #tls: TlsServer;
  #timer: NodeJS.Timeout | undefined;

  constructor(app: FastifyInstance, limits: Limits = LIMITS) {
    this.#app = app;
    this.#limits = limits;
    this.#strangers = new Strangers(limits);
    this.#shared = {
      app,
      limits,
      figures: pushFigures(
        app.metrics,
        () => this.#sessions.size,
        () => this.#strangers.size,
      ),
      onSession: (connection, stranger) => {
        this.#strangers.leave(stranger);
        this.#sessions.add(connection);
      },
      onClosed: (connection) => {
        this.#connections.delete(connection);
        this.#sessions.delete(connection);
      },
    };
    this.#plain = createServer(SOCKET_OPTIONS, (socket) => {
      const stranger = this.#admit(socket);
      if (stranger !== undefined) this.#serve(socket, stranger);
    });
    this.#tls = this.#tlsServer();
    this.#tlsPort = createServer(SOCKET_OPTIONS, (socket) => this.#shakeHands(socket));
    app.certificate.onRenewed((identity) => this.#tls.setSecureContext(contextOf(identity)));
  }

  /** The port of connections without encryption that is really listened on; 0: none. */
  get port(): number {
    return portOf(this.#plain) ?? this.#app.config.push.port ?? 0;
  }

  /** The same for connections with TLS. */
  get tlsPort(): number {
    return portOf(this.#tlsPort) ?? this.#app.config.push.tlsPort ?? 0;
  }

  /** Sessions that are open. */
  get sessions(): number {
    return this.#sessions.size;
  }

  /** @throws unavailable: a port is taken */
  async start(): Promise<void> {
    const { host, push } = this.#app.config;
    const listenOn = async (server: Server, port: number | undefined, setting: string): Promise<void> => {
      if (port !== undefined) await listen(server, { host, port, what: 'push monitors', setting });
    };
    await listenOn(this.#plain, push.port, 'PUSH_PORT');
    await listenOn(this.#tlsPort, push.tlsPort, 'PUSH_TLS_PORT');
    this.#timer = setInterval(() => this.#sweep(), this.#limits.sweepMs).unref();
    this.#app.log.info(
      `push monitors on port ${this.tlsPort || 'none'} (TLS), and ${this.port || 'none'} without encryption`,
    );
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    const stopped = Promise.all([stopListening(this.#plain), stopListening(this.#tlsPort)]);
    this.#strangers.endAll();
    const connections = [...this.#connections];
    for (const connection of connections) connection.end('the service is closing');
    const timer = setTimeout(() => {
      for (const connection of connections) connection.destroy();
    }, CLOSING_MS);
    await Promise.all([stopped, ...connections.map((connection) => connection.noted())]);
    clearTimeout(timer);
  }

  #tlsServer(): TlsServer {
    const server = createTlsServer(contextOf(this.#app.certificate.identity), (socket) => {
      const stranger = this.#handshakes.get(peerOf(socket));
      // Gone already.
      if (stranger === undefined) socket.destroy();
      else this.#serve(socket, stranger);
    });
    server.on('tlsClientError', (error) =>
      this.#app.log.debug(`a TLS connection was refused: ${error.message}`),
    );
    return server;
  }

  /** The handshake is a part of the time a stranger has: TLS is given the socket of one that was admitted. */
  #shakeHands(socket: Socket): void {
    const stranger = this.#admit(socket);
    if (stranger === undefined) return;
    const peer = peerOf(socket);
    this.#handshakes.set(peer, stranger);
    socket.once('close', () => {
      if (this.#handshakes.get(peer) === stranger) this.#handshakes.delete(peer);
    });
    this.#tls.emit('connection', socket);
  }

  #admit(socket: Socket): Stranger | undefined {
    socket.on('error', () => undefined);
    const address = (socket.remoteAddress ?? '').replace(/^::ffff:/, '');
    const stranger = this.#strangers.admit(socket, address, performance.now() + this.#limits.requestMs);
    if (stranger === undefined) {
      this.#shared.figures.refusals.inc({ reason: 'tooMany' });
      socket.destroy();
      return undefined;
    }
    socket.once('close', () => this.#strangers.leave(stranger));
    return stranger;
  }

  #serve(socket: Socket, stranger: Stranger): void {
    this.#connections.add(new PushConnection(socket, stranger, this.#shared));
  }

  #sweep(): void {
    const now = performance.now();
    const late = this.#strangers.sweep(now);
    if (late > 0) this.#shared.figures.refusals.inc({ reason: 'timeout' }, late);
    for (const connection of this.#sessions) connection.check(now);
  }
}

const contextOf = ({ privateKey, certificate }: Identity): SecureContextOptions => ({
  key: privateKey,
  cert: certificate,
  minVersion: 'TLSv1.2',
  // Of TLS 1.2: each one costs this side far more than the client.
  secureOptions: constants.SSL_OP_NO_RENEGOTIATION,
});

const peerOf = ({ remoteAddress, remotePort }: Socket): string => `${remoteAddress} ${remotePort}`;
