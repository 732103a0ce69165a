import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What a receiver asks for. */
export interface Asked {
  curr_key: number;
  timeout: number;
  delete: boolean;
  limit_count: number;
  limit_size: number;
}

export const KEY = 'a-key';

/** A channel as the protocol describes it: pages by key, long poll, deleting what was read; with faults to order. */
export class TestChannel {
  /** Texts of the messages, by key. */
  readonly messages: string[] = [];
  readonly asked: Asked[] = [];
  /** Answers that come instead, in this order. */
  readonly faults: ((response: ServerResponse) => void)[] = [];
  deletedBelow = 0;
  readonly #waiting = new Set<() => void>();
  #server: Server;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async start(): Promise<TestChannel> {
    const channel = new TestChannel(createServer());
    await channel.open(0);
    return channel;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Adds so many messages with a number `n` each. */
  add(count: number): void {
    for (let index = 0; index < count; index += 1) {
      const n = this.messages.length;
      this.messages.push(`{"ident":"tracker-${n % 3}", "timestamp":17000000${n % 10}0.5,"n":${n}}`);
    }
    this.wake();
  }

  wake(): void {
    for (const wake of this.#waiting) wake();
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  async open(port: number): Promise<void> {
    this.#server = createServer((request, response) => void this.#answer(request, response));
    this.#server.listen(port, '127.0.0.1');
    await once(this.#server, 'listening');
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const refuse = (status: number, reason: string) =>
      response.writeHead(status).end(JSON.stringify({ errors: [{ code: 1, reason }] }));
    if (request.headers.authorization !== `FlespiToken ${KEY}`) return void refuse(401, 'no such token');
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://localhost');
    if (pathname !== '/gw/channels/1/messages') return void refuse(404, 'no such channel');
    const asked = JSON.parse(searchParams.get('data') ?? '') as Asked;
    this.asked.push(asked);
    const fault = this.faults.shift();
    if (fault !== undefined) return fault(response);
    if (asked.delete) this.deletedBelow = Math.max(this.deletedBelow, asked.curr_key);
    if (asked.curr_key >= this.messages.length) await this.#more(asked.timeout * 1000, response);
    const first = Math.max(asked.curr_key, this.deletedBelow);
    const page = this.messages.slice(first, first + asked.limit_count);
    response.end(
      `{"next_key":${first + page.length},"result":[${page.join(',')}],"last_key":${this.messages.length - 1}}`,
    );
  }

  #more(ms: number, response: ServerResponse): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        clearTimeout(timer);
        this.#waiting.delete(wake);
        resolve();
      };
      const timer = setTimeout(wake, ms);
      response.once('close', wake);
      this.#waiting.add(wake);
    });
  }
}
