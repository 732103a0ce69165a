import http, { type ClientRequest, type IncomingMessage } from 'node:http';
import https from 'node:https';
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { HTTP_TIMEOUT } from '@polyrelay/contract';
import { codeOf } from '#core/errors.js';
import type { KeptAgents } from '#core/outgoing-agents.js';
import type { Block, MonitorRecord } from '../types.js';
import { retryAfterMs } from './backoff.js';
import { answerWords, errorWords, TooSlow } from './failure.js';
import { headersOf } from './headers.js';

/** Bytes of an answer’s body that are read, to use its connection again; a longer one is cut. */
const READ_BYTES = 16_384;

/** What became of a request: delivered, or why not, in words, and how long the server asks to wait. */
export type Outcome = { delivered: true } | { delivered: false; why: string; waitMs: number };

/** Sends a block, once. Never rejects. @param signal ends it */
export async function sendBlock(
  monitor: MonitorRecord,
  block: Block,
  agents: KeptAgents,
  signal: AbortSignal,
): Promise<Outcome> {
  const url = new URL(monitor.transportUrl);
  const ask = (): Promise<IncomingMessage> =>
    new Exchange(monitor, url, block, agents.for(url), signal).answer();
  try {
    const answer = await ask().catch((error: unknown) => {
      // The server closed a kept connection while the request was on its way: nothing is wrong with it.
      if (error instanceof StaleConnection) return ask();
      throw error;
    });
    const { statusCode = 0, headers } = answer;
    if (statusCode >= 200 && statusCode < 300) return { delivered: true };
    const asked = statusCode === 429 || statusCode === 503 ? headers['retry-after'] : undefined;
    return { delivered: false, why: answerWords(url, answer), waitMs: retryAfterMs(asked, Date.now()) };
  } catch (error) {
    const cause = error instanceof StaleConnection ? error.cause : error;
    return { delivered: false, why: errorWords(url, cause), waitMs: 0 };
  }
}

class StaleConnection extends Error {}

const meant = (timeout: number): number => (timeout === 0 ? HTTP_TIMEOUT.meaning : timeout);

/** One request and its answer, each phase with its own time. */
class Exchange {
  readonly #monitor: MonitorRecord;
  readonly #url: URL;
  readonly #request: ClientRequest;
  readonly #body: Buffer;
  #timer: NodeJS.Timeout | undefined;

  constructor(monitor: MonitorRecord, url: URL, block: Block, agent: http.Agent, signal: AbortSignal) {
    this.#monitor = monitor;
    this.#url = url;
    this.#body = block.payload;
    this.#request = (url.protocol === 'https:' ? https : http).request(url, {
      method: monitor.transportMethod,
      headers: headersOf(monitor, block, new Date()),
      agent,
      signal,
    });
  }

  /** Resolves when the answer has begun, and its body is read or cut off. */
  async answer(): Promise<IncomingMessage> {
    const request = this.#request;
    try {
      return await new Promise((resolve, reject) => {
        this.#limit('connectTimeout');
        request.on('socket', (socket) => this.#whenConnected(socket, () => this.#limit('responseTimeout')));
        request.on('response', (response) => {
          // Whatever becomes of the body, the status is known.
          for (const event of ['close', 'error']) response.on(event, () => resolve(response));
          request.on('error', () => resolve(response));
          this.#drop(response);
        });
        // 101: whoever answers so did not take the block.
        request.on('upgrade', (response, socket) => {
          socket.destroy();
          resolve(response);
        });
        // Heard first, and without effect where there is an answer.
        request.on('error', (error) => setImmediate(() => reject(this.#explain(error))));
        // Whatever ended it: a request without an end would keep its place in the lane for good.
        request.on('close', () => setImmediate(() => reject(new Error('it ended without an answer'))));
        request.end(this.#body);
      });
    } finally {
      clearTimeout(this.#timer);
    }
  }

  #explain(error: Error): Error {
    const broken = ['ECONNRESET', 'EPIPE'].includes(codeOf(error) ?? '');
    return this.#request.reusedSocket && broken ? new StaleConnection('', { cause: error }) : error;
  }

  #limit(phase: 'connectTimeout' | 'responseTimeout'): void {
    clearTimeout(this.#timer);
    const ms = meant(this.#monitor[phase]);
    this.#timer = setTimeout(() => this.#request.destroy(new TooSlow(this.#url, phase, ms)), ms);
  }

  #drop(response: IncomingMessage): void {
    let bytes = 0;
    response.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > READ_BYTES) response.destroy();
    });
  }

  #whenConnected(socket: Socket, then: () => void): void {
    if (this.#request.reusedSocket) then();
    else socket.once(socket instanceof TLSSocket ? 'secureConnect' : 'connect', then);
  }
}
