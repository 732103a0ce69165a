import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Posted {
  messages: { n: number }[];
  text: string;
  headers: IncomingHttpHeaders;
}

/** Takes what the http handler posts. */
export class Sink {
  readonly posted: Posted[] = [];
  /** Answers that come instead of 200, in this order. */
  readonly faults: ((response: ServerResponse) => void)[] = [];
  readonly #server = createServer(async (request, response) => {
    let text = '';
    for await (const chunk of request.setEncoding('utf8')) text += chunk;
    this.posted.push({ messages: JSON.parse(text), text, headers: request.headers });
    this.#moved();
    const fault = this.faults.shift();
    if (fault === undefined) response.end();
    else fault(response);
  });
  #moved = (): void => {};

  static async start(): Promise<Sink> {
    const sink = new Sink();
    sink.#server.listen(0, '127.0.0.1');
    await once(sink.#server, 'listening');
    return sink;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/take`;
  }

  /** Numbers of all messages, in the order they came. */
  get numbers(): number[] {
    return this.posted.flatMap(({ messages }) => messages.map(({ n }) => n));
  }

  /** Resolves once that is so. */
  async until(is: () => boolean): Promise<void> {
    while (!is())
      await new Promise<void>((resolve) => {
        this.#moved = resolve;
      });
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }
}
