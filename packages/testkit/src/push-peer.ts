import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import {
  type AddressInfo,
  createServer as createTcpServer,
  type Socket,
  type Server as TcpServer,
} from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import {
  blockFrame,
  type PushAcknowledgement,
  type PushBlock,
  type PushRequest,
  responseFrame,
  takeAcknowledgement,
  takeRequest,
} from './push-frames.js';
import { Waiting } from './waiting.js';

export interface PushPeerOptions {
  /** Certificate and key of the push port; plain TCP without. */
  tls?: { cert: string; key: string };
  username?: string;
  password?: string;
  /** PEM, at `/api/ca.pem`. */
  caPem?: string;
}

/** A client that connected to the push port. */
export class PushPeerConnection {
  readonly socket: Socket;
  readonly acknowledged: PushAcknowledgement[] = [];
  request: PushRequest | undefined;
  closed = false;
  #bytes: Buffer = Buffer.alloc(0);

  constructor(socket: Socket, changed: () => void) {
    this.socket = socket;
    socket.on('error', () => {});
    socket.on('close', () => {
      this.closed = true;
      changed();
    });
    socket.on('data', (piece) => {
      this.#bytes = Buffer.concat([this.#bytes, piece]);
      this.#read();
      changed();
    });
  }

  #read(): void {
    if (this.request === undefined) {
      const taken = takeRequest(this.#bytes);
      if (taken === undefined) return;
      this.request = taken.request;
      this.#bytes = this.#bytes.subarray(taken.size);
    }
    for (let taken = takeAcknowledgement(this.#bytes); taken !== undefined; ) {
      this.acknowledged.push(taken.acknowledgement);
      this.#bytes = this.#bytes.subarray(taken.size);
      taken = takeAcknowledgement(this.#bytes);
    }
  }

  /** @returns whether the client keeps up */
  send(block: PushBlock): boolean {
    return this.socket.write(blockFrame(block));
  }
}

/**
 * The service's side of push monitors, as small as it can be: monitors by REST, sessions by TCP or TLS. For tests of
 * clients without the service. What it sends is made by hand, so that a fault of the codec is not on both sides.
 */
export class PushPeer {
  /** By id; the elements of the document that made each. */
  readonly monitors = new Map<number, Record<string, string>>();
  readonly connections: PushPeerConnection[] = [];
  /** Calls of the REST API, such as `DELETE /ws/Monitor/7`. */
  readonly calls: string[] = [];
  /** Each answers one call in place of the peer. */
  readonly faults: ((response: ServerResponse) => void)[] = [];
  /** What a session is answered; by default as its request deserves. */
  answer: (request: PushRequest) => Buffer | undefined = (request) => responseFrame(this.#statusOf(request));
  readonly #changes = new Waiting();
  readonly #options: PushPeerOptions;
  #push: TcpServer;
  #http: Server;
  #port = 0;
  #apiPort = 0;
  #nextId = 178_007;

  private constructor(options: PushPeerOptions) {
    this.#options = options;
    this.#push = this.#newPush();
    this.#http = this.#newHttp();
  }

  static async start(options: PushPeerOptions = {}): Promise<PushPeer> {
    const peer = new PushPeer(options);
    await peer.up();
    return peer;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#apiPort}`;
  }

  get port(): number {
    return this.#port;
  }

  get username(): string {
    return this.#options.username ?? 'alice';
  }

  get password(): string {
    return this.#options.password ?? 's3cret';
  }

  /** Resolves once that is so. */
  until(what: () => boolean): Promise<void> {
    return this.#changes.until(what);
  }

  /** Resolves with the connection that is the n-th, once it has been answered. */
  async connection(n: number): Promise<PushPeerConnection> {
    await this.until(() => this.connections[n]?.request !== undefined);
    return this.connections[n] as PushPeerConnection;
  }

  /** As a service that ended: connections are cut, nothing listens. */
  async down(): Promise<void> {
    const closed = [once(this.#push, 'close'), once(this.#http, 'close')];
    this.#push.close();
    this.#http.close();
    this.#http.closeAllConnections();
    for (const { socket } of this.connections) socket.destroy();
    await Promise.all(closed);
  }

  /** On the ports it had before. */
  async up(): Promise<void> {
    if (this.#port !== 0) [this.#push, this.#http] = [this.#newPush(), this.#newHttp()];
    this.#push.listen(this.#port, '127.0.0.1');
    this.#http.listen(this.#apiPort, '127.0.0.1');
    await Promise.all([once(this.#push, 'listening'), once(this.#http, 'listening')]);
    this.#port = (this.#push.address() as AddressInfo).port;
    this.#apiPort = (this.#http.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    if (this.#push.listening) await this.down();
  }

  #newPush(): TcpServer {
    const { tls } = this.#options;
    const take = (socket: Socket) => this.#accept(socket);
    // What is left of a handshake that failed is nobody's.
    return tls === undefined
      ? createTcpServer(take)
      : createTlsServer(tls, take).on('tlsClientError', () => {});
  }

  #accept(socket: Socket): void {
    let answered = false;
    const connection = new PushPeerConnection(socket, () => {
      if (connection.request !== undefined && !answered) {
        answered = true;
        const answer = this.answer(connection.request);
        if (answer !== undefined) socket.write(answer);
      }
      this.#changes.look();
    });
    this.connections.push(connection);
  }

  #statusOf({ version, username, password, monitorId }: PushRequest): number {
    if (username !== this.username || password !== this.password) return 403;
    return version === 1 && this.monitors.has(monitorId) ? 200 : 400;
  }

  #newHttp(): Server {
    return createServer(async (request, response) => {
      let body = '';
      for await (const piece of request.setEncoding('utf8')) body += piece;
      this.calls.push(`${request.method} ${request.url}`);
      const fault = this.faults.shift();
      if (fault !== undefined) fault(response);
      else this.#serve(request, response, body);
      this.#changes.look();
    });
  }

  #serve({ method, url = '', headers }: IncomingMessage, response: ServerResponse, body: string): void {
    const { pathname, searchParams } = new URL(url, this.url);
    if (pathname === '/api/ca.pem') return void response.end(this.#options.caPem ?? '');
    const pair = Buffer.from(`${this.username}:${this.password}`).toString('base64');
    if (headers.authorization !== `Basic ${pair}`) return void response.writeHead(401).end();
    const id = Number(/^\/ws\/Monitor\/(\d+)(?:\.json)?$/.exec(pathname)?.[1] ?? Number.NaN);
    if (method === 'POST' && pathname === '/ws/Monitor') this.#create(response, body);
    else if (method === 'GET' && pathname === '/ws/Monitor/.json')
      this.#list(response, /^monTopic='(.*)'$/.exec(searchParams.get('condition') ?? '')?.[1]);
    else if (!this.monitors.has(id)) response.writeHead(404).end();
    else if (method === 'GET') this.#page(response, [id]);
    else {
      this.monitors.delete(id);
      response.end('1 items deleted');
    }
  }

  #create(response: ServerResponse, body: string): void {
    const elements = [...body.matchAll(/<(mon\w+)>(.*?)<\/\1>/g)].map(([, name = '', text = '']) => [
      name,
      text,
    ]);
    const fields = Object.fromEntries(elements) as Record<string, string>;
    if (fields.monTopic === 'Nonsense') {
      const why = 'POST Monitor error. Invalid request. Invalid monTopic specified';
      response.writeHead(400).end(`<result><error>${why}</error></result>`);
      return;
    }
    this.#nextId += 1;
    const location = `Monitor/${this.#nextId}`;
    this.monitors.set(this.#nextId, fields);
    response
      .writeHead(201, { location: `${this.url}/ws/${location}` })
      .end(`<?xml version="1.0" encoding="ISO-8859-1"?><result><location>${location}</location></result>`);
  }

  #list(response: ServerResponse, topics: string | undefined): void {
    const all = [...this.monitors].filter(([, { monTopic }]) => topics === undefined || monTopic === topics);
    this.#page(
      response,
      all.map(([id]) => id),
    );
  }

  #page(response: ServerResponse, ids: number[]): void {
    const items = ids.map((id) => ({ monId: String(id), monStatus: 'INACTIVE', ...this.monitors.get(id) }));
    const size = String(items.length);
    response.end(JSON.stringify({ resultTotalRows: size, resultSize: size, remainingSize: '0', items }));
  }
}
