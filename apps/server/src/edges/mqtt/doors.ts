import { createServer as createPlainServer, type Server as PlainServer, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { createServer, type Server, type TLSSocket } from 'node:tls';
import type { Logger } from 'pino';
import { codeOf, DomainError, messageOf } from '#core/errors.js';
import type { Identity } from '#core/pki/authority.js';

export interface DoorOptions {
  host: string;
  /** Of TLS. */
  port: number;
  /** Of unencrypted connections; undefined: none. */
  plainPort: number | undefined;
  server: Identity;
  caPem: string;
  log: Logger;
}

/** Where clients come in: TLS, with a certificate or without, and unencrypted where that is wanted. */
export class Doors {
  readonly #options: DoorOptions;
  readonly #take: (stream: Duplex) => void;
  #tls: Server | undefined;
  #plain: PlainServer | undefined;

  constructor(options: DoorOptions, take: (stream: Duplex) => void) {
    this.#options = options;
    this.#take = take;
  }

  /** The port of TLS: the configured one, or the one the system gave for 0. */
  get port(): number {
    return portOf(this.#tls) ?? this.#options.port;
  }

  get plainPort(): number | undefined {
    return portOf(this.#plain);
  }

  get open(): boolean {
    return this.#tls?.listening === true;
  }

  async start(): Promise<void> {
    const { port, plainPort, log } = this.#options;
    this.#tls = this.#tlsServer();
    this.#tls.on('tlsClientError', (error) => log.debug(`a TLS connection was refused: ${error.message}`));
    await this.#listen(this.#tls, port, 'MQTT_PORT');
    if (plainPort === undefined) return;
    this.#plain = createPlainServer({ noDelay: true }, (socket: Socket) => this.#take(socket));
    await this.#listen(this.#plain, plainPort, 'MQTT_PLAIN_PORT');
    log.warn(`MQTT without encryption on port ${this.plainPort}: tokens and messages can be read on the way`);
  }

  async stop(): Promise<void> {
    for (const server of [this.#tls, this.#plain])
      if (server?.listening) await new Promise<void>((closed) => server.close(() => closed()));
  }

  #tlsServer(): Server {
    const { server, caPem } = this.#options;
    return createServer(
      {
        key: server.privateKey,
        cert: server.certificate,
        ca: caPem,
        requestCert: true,
        // People's own clients have none and sign in by name; one that does not verify is refused below.
        rejectUnauthorized: false,
        minVersion: 'TLSv1.2',
        // Small messages at once: Nagle's algorithm and delayed acknowledgements add 40 ms to each.
        noDelay: true,
      },
      (socket) => {
        if (socket.authorized || !showsCertificate(socket)) this.#take(socket);
        else socket.destroy();
      },
    );
  }

  #listen(server: PlainServer, port: number, setting: string): Promise<void> {
    const { host } = this.#options;
    return new Promise((resolve, reject) => {
      server.once('error', (cause) => {
        const message =
          codeOf(cause) === 'EADDRINUSE'
            ? `Port ${port} (MQTT) is taken by another program. End it, or set ${setting} to a free port.`
            : `The broker cannot listen on ${host}:${port}: ${messageOf(cause)}`;
        reject(new DomainError('unavailable', 'portTaken', message, { cause }));
      });
      server.listen(port, host, resolve);
    });
  }
}

function portOf(server: PlainServer | undefined): number | undefined {
  const address = server?.address();
  return typeof address === 'object' && address !== null ? address.port : undefined;
}

/** Node.js gives an empty object for a peer without a certificate. */
const showsCertificate = (socket: TLSSocket): boolean =>
  Object.keys(socket.getPeerCertificate() ?? {}).length > 0;
