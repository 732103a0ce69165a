import { codeOf, reasonOf } from '@polyrelay/essentials';
import { z } from 'zod';
import { Handler, type HandlerContext } from '../handler.js';
import { type ChannelMessage, jsonOf } from '../message.js';

const Options = z.strictObject({
  url: z
    .url({ protocol: /^https?$/, error: 'is not an http or https address' })
    .describe('where batches are posted'),
  headers: z
    .record(z.string(), z.string())
    .refine(areHeaders, 'has a name or a value that HTTP does not allow')
    .default({})
    .describe('sent with each call, such as a key'),
  timeout: z.number().min(0.01).max(3600).default(30).describe('seconds one call may take (30)'),
});

/** POSTs each batch as a JSON list. What is not answered with 2xx is posted again. */
export class HttpHandler extends Handler<z.output<typeof Options>> {
  static readonly options = Options;
  static readonly summary = 'POSTs each batch as a JSON list, until it is answered with 2xx';

  async handle(messages: readonly ChannelMessage[], { signal }: HandlerContext): Promise<void> {
    const { url, headers, timeout } = this.options;
    let response: Response;
    try {
      response = await fetch(url, {
        method: 'POST',
        // A redirect would turn the POST into a GET.
        redirect: 'manual',
        headers: { 'content-type': 'application/json', ...headers },
        body: `[${messages.map(jsonOf).join(',')}]`,
        signal: AbortSignal.any([signal, AbortSignal.timeout(timeout * 1000)]),
      });
    } catch (error) {
      throw new Error(`${this.#where} ${whyFailed(error, timeout)}`, { cause: error });
    }
    const said = (await response.text().catch(() => '')).trim().slice(0, 200);
    if (response.ok) return;
    const to = response.headers.get('location');
    throw new Error(
      `${this.#where} answers ${response.status}${to === null ? '' : ` and sends on to ${to}`}${said && `: ${said}`}`,
    );
  }

  /** Without what may be secret: name and password, and the query. */
  get #where(): string {
    const { origin, pathname } = new URL(this.options.url);
    return origin + pathname;
  }
}

function areHeaders(headers: Record<string, string>): boolean {
  try {
    new Headers(headers);
    return true;
  } catch {
    return false;
  }
}

function whyFailed(error: unknown, timeout: number): string {
  if (error instanceof Error && error.name === 'TimeoutError') return `did not answer within ${timeout} s`;
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
  return `cannot be reached: ${reasonOf(cause) || codeOf(cause) || 'no connection'}`;
}
