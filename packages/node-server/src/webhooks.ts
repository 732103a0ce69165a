import { isUtf8 } from 'node:buffer';
import type { WireWebhook, WireWebhookResponse } from '@polyrelay/contract';
import { NodeServerError, reasonOf } from './errors.js';
import type { Logger } from './log.js';

/** A call of this node server's webhook URL. */
export interface WebhookRequest {
  method: string;
  /** What stands behind the URL: `/orders/7`, or an empty text. */
  path: string;
  /** Names are lower case. */
  headers: Readonly<Record<string, string>>;
  /** A key that stands several times has a list. */
  query: Readonly<Record<string, string | string[]>>;
  /** The bytes as they were sent, such as a signature is made of. */
  body: Buffer;
  text(): string;
  /** @throws SyntaxError when the body is not JSON */
  json<T = unknown>(): T;
}

/** What is answered: nothing (200, empty), a text or bytes, or the parts; an object as `body` goes as JSON. */
export type WebhookAnswer =
  | undefined
  | string
  | Uint8Array
  | { status?: number; headers?: Record<string, string>; body?: string | Uint8Array | object };

export type WebhookHandler = (
  request: WebhookRequest,
) => WebhookAnswer | void | Promise<WebhookAnswer> | Promise<void>;

interface WebhooksOptions {
  log: () => Logger;
  send: (keys: Record<string, unknown>) => Promise<void>;
  connected: () => boolean;
  /** The service told the URL. */
  told: (url: string) => void;
}

/** Takes webhooks that the service hands over, once the author has said what to do with them. */
export class Webhooks {
  readonly #options: WebhooksOptions;
  #handler: WebhookHandler | undefined;
  #url: string | undefined;

  constructor(options: WebhooksOptions) {
    this.#options = options;
  }

  get url(): string | undefined {
    return this.#url;
  }

  /** @throws NodeServerError `ALREADY_HANDLED` the second time */
  handle(handler: WebhookHandler): void {
    if (this.#handler)
      throw new NodeServerError('ALREADY_HANDLED', 'There is one handler of webhooks: look at `path` in it');
    this.#handler = handler;
    if (this.#options.connected()) this.announce();
  }

  /** Says on each connection that webhooks are taken: the service sends none before. */
  announce(): void {
    if (this.#handler) void this.#options.send({ webhooks: true }).catch(() => {});
  }

  accept({ url }: { url: string }): void {
    if (url === this.#url) return;
    this.#url = url;
    this.#options.told(url);
  }

  /** Runs the author's code and answers; a failure is logged, and is a 500 for who called. */
  async receive(wire: WireWebhook): Promise<void> {
    let response: Omit<WireWebhookResponse, 'id'>;
    try {
      response = answerOf((await this.#handler?.(requestOf(wire))) ?? undefined);
    } catch (error) {
      const what = error instanceof Error ? (error.stack ?? error.message) : reasonOf(error);
      this.#options.log().error(`Webhook ${wire.method} ${wire.path} failed: %s`, what);
      response = { status: 500 };
    }
    await this.#options.send({ webhookResponse: { id: wire.id, ...response } }).catch((error: unknown) => {
      this.#options.log().error(`The answer to a webhook could not be sent: ${reasonOf(error)}`);
    });
  }
}

function requestOf({ method, path, headers, query, body, encoding }: WireWebhook): WebhookRequest {
  const bytes = Buffer.from(body, encoding ?? 'utf8');
  return {
    method,
    path,
    headers,
    query,
    body: bytes,
    text: () => bytes.toString('utf8'),
    json: () => JSON.parse(bytes.toString('utf8')),
  };
}

function answerOf(answer: WebhookAnswer): Omit<WireWebhookResponse, 'id'> {
  if (answer === undefined) return {};
  if (typeof answer === 'string' || answer instanceof Uint8Array) return wireBody(answer);
  const { body, headers = {}, ...rest } = answer;
  if (typeof body !== 'object' || body instanceof Uint8Array)
    return { ...rest, headers, ...(body === undefined ? {} : wireBody(body)) };
  return { ...rest, headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(body) };
}

function wireBody(body: string | Uint8Array): Pick<WireWebhookResponse, 'body' | 'encoding'> {
  if (typeof body === 'string') return { body };
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  return isUtf8(bytes)
    ? { body: bytes.toString('utf8') }
    : { body: bytes.toString('base64'), encoding: 'base64' };
}
