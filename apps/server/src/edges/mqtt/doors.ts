import { createServer as createPlainServer, type Server as PlainServer, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { createServer, type SecureContextOptions, type Server, type TLSSocket } from 'node:tls';
import type { Logger } from 'pino';
import { listen, portOf, stopListening } from '#core/listening.js';
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
    const { host, port, plainPort, log } = this.#options;
    this.#tls = this.#tlsServer();
    this.#tls.on('tlsClientError', (error) => log.debug(`a TLS connection was refused: ${error.message}`));
    await listen(this.#tls, { host, port, what: 'MQTT', setting: 'MQTT_PORT' });
    if (plainPort === undefined) return;
    this.#plain = createPlainServer({ noDelay: true }, (socket: Socket) => this.#take(socket));
    await listen(this.#plain, { host, port: plainPort, what: 'MQTT', setting: 'MQTT_PLAIN_PORT' });
    log.warn(`MQTT without encryption on port ${this.plainPort}: tokens and messages can be read on the way`);
  }

  async stop(): Promise<void> {
    for (const server of [this.#tls, this.#plain]) await stopListening(server);
  }

  /** Shows another certificate to who connects from now on. */
  renew(server: Identity): void {
    this.#tls?.setSecureContext(this.#context(server));
  }

  #context(server: Identity): SecureContextOptions {
    const { caPem } = this.#options;
    return { key: server.privateKey, cert: server.certificate, ca: caPem, minVersion: 'TLSv1.2' };
  }

  #tlsServer(): Server {
    return createServer(
      {
        ...this.#context(this.#options.server),
        requestCert: true,
        // People's own clients have none and sign in by name; one that does not verify is refused below.
        rejectUnauthorized: false,
        // Small messages at once: Nagle's algorithm and delayed acknowledgements add 40 ms to each.
        noDelay: true,
      },
      (socket) => {
        if (socket.authorized || !showsCertificate(socket)) this.#take(socket);
        else socket.destroy();
      },
    );
  }
}

/** Node.js gives an empty object for a peer without a certificate. */
const showsCertificate = (socket: TLSSocket): boolean =>
  Object.keys(socket.getPeerCertificate() ?? {}).length > 0;
