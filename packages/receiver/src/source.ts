import { createGateway } from '@polyrelay/api-client';
import { codeOf, reasonOf } from '@polyrelay/essentials';
import { ReceiverError } from './errors.js';
import { type Page, readPage, reasons } from './page.js';

/** A fault that goes away: no network, the service restarts, its database is away, too many calls. */
export class Unavailable extends Error {
  override readonly name = 'Unavailable';
}

export interface ReadRequest {
  currKey: number;
  /** Seconds to wait for the first message. */
  timeout: number;
  delete: boolean;
  limitCount: number;
  limitSize: number;
}

/** Beyond the time a read waits: for a page over a slow line. */
const ANSWER_MS = 60_000;
const TEMPORARY = new Set([408, 425, 429]);

/** A channel of a service, read by key. */
export class Source {
  readonly where: string;
  readonly #channel: number;
  readonly #gateway: ReturnType<typeof createGateway>;
  /** It has answered: what is odd later is a fault that goes away. */
  #known = false;

  constructor({ url, channel, key }: { url: string; channel: number; key: string }) {
    this.where = url;
    this.#channel = channel;
    this.#gateway = createGateway({ url, key });
  }

  /** @throws Unavailable, ReceiverError `REFUSED`; what `signal` was aborted with */
  async read({ currKey, timeout, delete: deletes, limitCount, limitSize }: ReadRequest, signal: AbortSignal) {
    const data = {
      curr_key: currKey,
      timeout,
      delete: deletes,
      limit_count: limitCount,
      limit_size: limitSize,
    };
    const [status, text] = await this.#get(JSON.stringify(data), timeout * 1000 + ANSWER_MS, signal);
    if (status !== 200) throw this.#refusal(status, text);
    return this.#pageOf(text);
  }

  async #get(data: string, limitMs: number, signal: AbortSignal): Promise<[status: number, text: string]> {
    const limit = new AbortController();
    const stop = () => limit.abort();
    const timer = setTimeout(stop, limitMs);
    signal.addEventListener('abort', stop);
    try {
      signal.throwIfAborted();
      const {
        data: body,
        error,
        response,
      } = await this.#gateway.GET('/gw/channels/{selector}/messages', {
        params: { path: { selector: String(this.#channel) }, query: { data } },
        parseAs: 'text',
        redirect: 'manual',
        signal: limit.signal,
      });
      if (error === undefined) return [response.status, body ?? ''];
      const to = response.headers.get('location');
      if (response.status >= 300 && response.status < 400) return [response.status, to ?? ''];
      return [response.status, typeof error === 'string' ? error : reasons(error.errors).join('; ')];
    } catch (error) {
      signal.throwIfAborted();
      if (limit.signal.aborted) throw new Unavailable(`no answer within ${limitMs / 1000} s`);
      throw new Unavailable(whyUnreachable(error));
    } finally {
      clearTimeout(timer);
      signal.removeEventListener('abort', stop);
    }
  }

  #pageOf(text: string): Page {
    let page: Page;
    try {
      page = readPage(text);
    } catch (error) {
      const what = `the answer is not one of a channel (${reasonOf(error)})`;
      if (this.#known) throw new Unavailable(what);
      throw new ReceiverError('REFUSED', `${this.where}: ${what}. Is that the address of the service?`);
    }
    if (page.errors.length > 0)
      throw new ReceiverError('REFUSED', `${this.where} refuses: ${page.errors.join('; ')}`);
    if (page.messages.length > 0 && page.nextKey === undefined)
      throw new ReceiverError('REFUSED', `${this.where} sends messages without a “next_key”`);
    this.#known = true;
    return page;
  }

  #refusal(status: number, text: string): Error {
    const said = text.trim().slice(0, 300);
    if (status >= 500 || TEMPORARY.has(status)) return new Unavailable(`it answers ${status} ${said}`.trim());
    const refused = (why: string) => new ReceiverError('REFUSED', `${this.where} ${why}`);
    if (status === 401) return refused(`does not know the key (401: ${said}). Is it whole, and not expired?`);
    if (status === 403) return refused(`does not let this key read channel ${this.#channel} (403: ${said})`);
    if (status === 404)
      return refused(`has no channel ${this.#channel} that this key may read (404: ${said})`);
    if (status >= 300 && status < 400)
      return refused(`sends on to ${said}: use that service’s address (--url)`);
    return refused(`refuses (${status}): ${said}`);
  }
}

const ADVICE: Record<string, string> = {
  ECONNREFUSED: 'nothing listens there. Does the service run, and is the port right?',
  ENOTFOUND: 'this name is not known. Check it, and this computer’s DNS',
  EAI_AGAIN: 'the name cannot be looked up now. Is this computer online?',
  UND_ERR_SOCKET: 'the connection was closed',
  ECONNRESET: 'the connection was closed',
  ERR_SSL_WRONG_VERSION_NUMBER: 'it does not speak TLS: is the address one of http:// instead of https://?',
  SELF_SIGNED_CERT_IN_CHAIN: 'its certificate is of a CA that is not known: set NODE_EXTRA_CA_CERTS',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is signed by itself: set NODE_EXTRA_CA_CERTS',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its certificate is of a CA that is not known: set NODE_EXTRA_CA_CERTS',
};

/** Why `fetch` had no answer: the reason is in the cause. */
export function whyUnreachable(error: unknown): string {
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
  return ADVICE[codeOf(cause) ?? ''] ?? (reasonOf(cause) || codeOf(cause) || 'no connection');
}
