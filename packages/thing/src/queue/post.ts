import { readFileSync } from 'node:fs';
import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { rootCertificates } from 'node:tls';
import { codeOf } from '@polyrelay/essentials';
import { type Clock, howFarOff } from '../clock.js';
import type { Credentials } from '../credentials.js';
import { ThingError } from '../errors.js';
import { explain } from '../explain.js';
import { makeToken } from '../token.js';
import type { QueuedMessage } from './batch.js';

/** What became of one attempt. `again`: the message is fine, and may be taken later. */
export type Attempt =
  | { kind: 'collected' }
  | { kind: 'refused'; status: number; reason: string }
  | { kind: 'again'; status?: number; reason: string; retryAfterMs?: number };

const ANSWER_MS = 30_000;
const MAX_ANSWER = 1024 * 1024;

/** These are about the message itself: it would be refused for ever. */
const NEVER = new Set([400, 409, 413, 415, 422]);

interface Answer {
  status: number;
  headers: IncomingMessage['headers'];
  body: unknown;
}

export interface PosterOptions {
  url: string;
  thingId: string;
  credentials: Pick<Credentials, 'ca' | 'privateKey'>;
  clock: Clock;
}

/** Sends messages to the service’s `collect`, one connection for all (FlashLex section 4). */
export class Poster {
  readonly #options: PosterOptions;
  readonly #secure: boolean;
  readonly #agent: HttpAgent | HttpsAgent;

  constructor(options: PosterOptions) {
    this.#options = options;
    this.#secure = options.url.startsWith('https:');
    this.#agent = this.#secure
      ? new HttpsAgent({ keepAlive: true, maxSockets: 1, ca: authorities(options.credentials.ca) })
      : new HttpAgent({ keepAlive: true, maxSockets: 1 });
  }

  /** Sends one message. Its id is the idempotency key: sent twice, it is stored once. */
  async send(message: QueuedMessage, signal: AbortSignal): Promise<Attempt> {
    const { clock } = this.#options;
    let answer = await this.#try(message, signal);
    // The token was made with this computer’s clock: take the service’s, and try again once.
    if (!('kind' in answer) && answer.status === 401 && clock.correct(answer.headers.date))
      answer = await this.#try(message, signal);
    return 'kind' in answer ? answer : this.#judge(answer);
  }

  /** The service’s time in ms, of an answer of its. @throws ThingError `CONNECTION` */
  serviceTime(): Promise<number> {
    const { origin, host } = new URL(this.#options.url);
    return new Promise((resolve, reject) => {
      const failed = (error: unknown) =>
        reject(new ThingError('CONNECTION', explain(error, host), { cause: error }));
      const call = (this.#secure ? httpsRequest : httpRequest)(origin, {
        method: 'HEAD',
        agent: this.#agent,
        timeout: ANSWER_MS,
      });
      call.on('timeout', () => call.destroy(new Error(`no answer within ${ANSWER_MS / 1000} s`)));
      call.on('error', failed);
      call.on('response', (response) => {
        response.resume();
        const at = Date.parse(response.headers.date ?? '');
        if (Number.isNaN(at)) failed(new Error('the answer has no Date'));
        else resolve(at);
      });
      call.end();
    });
  }

  close(): void {
    this.#agent.destroy();
  }

  async #try(message: QueuedMessage, signal: AbortSignal): Promise<Answer | Attempt> {
    for (let attempt = 0; ; attempt += 1) {
      try {
        return await this.#post(message, signal);
      } catch (error) {
        // The service closed the idle connection in this very moment.
        const stale = error instanceof Error && 'reused' in error && codeOf(error) === 'ECONNRESET';
        if (stale && attempt === 0 && !signal.aborted) continue;
        return { kind: 'again', reason: explain(error, new URL(this.#options.url).host) };
      }
    }
  }

  #post({ id, json }: QueuedMessage, signal: AbortSignal): Promise<Answer> {
    const { url, thingId, credentials, clock } = this.#options;
    const body = Buffer.from(json);
    return new Promise((resolve, reject) => {
      const call = (this.#secure ? httpsRequest : httpRequest)(url, {
        method: 'POST',
        agent: this.#agent,
        signal,
        timeout: ANSWER_MS,
        headers: {
          authorization: `Bearer ${makeToken(thingId, credentials.privateKey, clock.now())}`,
          'content-type': 'application/json',
          'content-length': body.length,
          'idempotency-key': id,
        },
      });
      call.on('timeout', () => call.destroy(new Error(`no answer within ${ANSWER_MS / 1000} s`)));
      call.on('error', (error) => reject(call.reusedSocket ? Object.assign(error, { reused: true }) : error));
      call.on('response', (response) => {
        readBody(response).then(
          (text) =>
            resolve({ status: response.statusCode ?? 0, headers: response.headers, body: parse(text) }),
          reject,
        );
      });
      call.end(body);
    });
  }

  #judge({ status, headers, body }: Answer): Attempt {
    const { url, clock } = this.#options;
    const { origin } = new URL(url);
    const said = saidIn(body);
    if (status >= 200 && status < 300) {
      // A sign-in page of a network answers 200 to everything.
      if ((body as { status?: unknown } | undefined)?.status === 'OK') return { kind: 'collected' };
      return {
        kind: 'again',
        reason: `${origin} did not answer as the service does: is a sign-in page in front of it?`,
      };
    }
    if (status >= 300 && status < 400)
      return {
        kind: 'again',
        status,
        reason: `${origin} sends to ${headers.location}: write that address into config.yml (flashlex.app.api.endpoint)`,
      };
    const reason = `${said || `${origin} answered ${status}`}${clock.offsetMs === 0 || status !== 401 ? '' : ` (this computer’s clock is ${howFarOff(clock.offsetMs)})`}`;
    if (NEVER.has(status)) return { kind: 'refused', status, reason };
    const retryAfterMs = Number(headers['retry-after']) * 1000;
    return { kind: 'again', status, reason, ...(retryAfterMs > 0 ? { retryAfterMs } : {}) };
  }
}

/** Those every computer knows, the distribution’s, and what the user added. */
function authorities(own: string): string[] {
  const extra = process.env.NODE_EXTRA_CA_CERTS;
  try {
    return [...rootCertificates, own, ...(extra ? [readFileSync(extra, 'utf8')] : [])];
  } catch {
    // Node.js itself has warned about it.
    return [...rootCertificates, own];
  }
}

async function readBody(response: IncomingMessage): Promise<string> {
  let text = '';
  response.setEncoding('utf8');
  for await (const chunk of response) {
    text += chunk;
    if (text.length > MAX_ANSWER) throw new Error('the answer is too long');
  }
  return text;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** What the answer says in words: FlashLex’ envelope, or problem details. */
function saidIn(body: unknown): string {
  const { messages, detail } = (body ?? {}) as { messages?: { value?: unknown }[]; detail?: unknown };
  const value = Array.isArray(messages) ? messages[0]?.value : detail;
  return typeof value === 'string' ? value : '';
}
