import { createHmac } from 'node:crypto';
import { createServer, type IncomingHttpHeaders, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { inflateSync } from 'node:zlib';

/** A request as a receiver got it. */
export interface Received {
  method: string;
  path: string;
  headers: IncomingHttpHeaders;
  body: Buffer;
  /** The same, inflated where it says that it is deflated. */
  text: string;
  /** Port of the connection at the other end. */
  from: number | undefined;
}

/** What it answers: a status, one with headers, or whatever the function does; undefined: nothing, ever. */
export type ReceiverAnswer =
  | number
  | { status: number; headers?: Record<string, string>; body?: string }
  | undefined;

/** A web server that takes what monitors send. */
export class HttpReceiver {
  readonly requests: Received[] = [];
  /** Asked for each request, with its number from 0. */
  answer: (received: Received, number: number) => ReceiverAnswer = () => 200;
  #server: Server;
  readonly #tls: { cert: string; key: string } | undefined;
  readonly #sockets = new Set<Socket>();
  #port = 0;
  #look = (): void => undefined;

  private constructor(tls?: { cert: string; key: string }) {
    this.#tls = tls;
    this.#server = this.#make();
  }

  static async start(tls?: { cert: string; key: string }): Promise<HttpReceiver> {
    const receiver = new HttpReceiver(tls);
    await receiver.listen();
    return receiver;
  }

  get host(): string {
    return `127.0.0.1:${this.#port}`;
  }

  get url(): string {
    return `${this.#tls === undefined ? 'http' : 'https'}://${this.host}/events`;
  }

  /** Listens, again at the same port after {@link close}. */
  async listen(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(this.#port, '127.0.0.1', resolve));
    this.#port = (this.#server.address() as AddressInfo).port;
  }

  /** Ends with all its connections. */
  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.drop();
    await closed;
    this.#server = this.#make();
  }

  /** Breaks its connections. */
  drop(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  /** Resolves once so many requests came. */
  until(count: number): Promise<Received[]> {
    return this.when(() => this.requests.length >= count);
  }

  /** Resolves once a condition is true, looked at with each request. */
  async when(wanted: (requests: Received[]) => boolean): Promise<Received[]> {
    await new Promise<void>((resolve) => {
      this.#look = () => {
        if (wanted(this.requests)) resolve();
      };
      this.#look();
    });
    return this.requests;
  }

  #make(): Server {
    const server =
      this.#tls === undefined ? createServer(this.#take) : createTlsServer(this.#tls, this.#take);
    return server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket));
    });
  }

  readonly #take: RequestListener = (request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks);
      const deflated = request.headers['content-encoding'] === 'deflate';
      const received: Received = {
        method: request.method ?? '',
        path: request.url ?? '',
        headers: request.headers,
        body,
        text: (deflated ? inflateSync(body) : body).toString('utf8'),
        from: request.socket.remotePort,
      };
      const answer = this.answer(received, this.requests.length);
      this.requests.push(received);
      if (typeof answer === 'number') response.writeHead(answer).end();
      else if (answer !== undefined) response.writeHead(answer.status, answer.headers).end(answer.body);
      this.#look();
    });
  };
}

/** Whether a request is signed with a secret, as docs/monitors-http.md says. */
export function isSigned({ headers, body }: Received, secret: string): boolean {
  const signature = createHmac('sha256', secret)
    .update(`${headers['x-polyrelay-timestamp']}.`)
    .update(body)
    .digest('hex');
  return headers['x-polyrelay-signature'] === `sha256=${signature}`;
}
