import http from 'node:http';
import https from 'node:https';
import { useAgent as filteringAgent } from 'request-filtering-agent';
import { DomainError, messageOf } from '#core/errors.js';

const TIMEOUT_MS = 10_000;
const MAX_REDIRECTS = 3;

interface OutgoingOptions {
  /** Longest answer that is taken. */
  maxBytes: number;
  /** Private and loopback addresses may be asked too. */
  allowPrivate: boolean;
  /** Ends it. */
  signal?: AbortSignal;
}

/** A text and the tag by which it can be asked for again (RFC 9110 section 8.8.3). */
export interface FetchedText {
  text: string;
  etag: string | undefined;
}

/**
 * Fetches a text that a user names. Addresses of the house and of this machine are refused, also when a name or a
 * redirect leads there: the address that is connected to is the one that is checked.
 */
export async function fetchText(url: string, options: OutgoingOptions): Promise<string> {
  return (await fetchChanged(url, undefined, options))?.text ?? '';
}

/** The same for what was fetched before: undefined when it is still what `etag` stands for. */
export async function fetchChanged(
  url: string,
  etag: string | undefined,
  options: OutgoingOptions,
  redirects = 0,
): Promise<FetchedText | undefined> {
  const target = URL.canParse(url) ? new URL(url) : undefined;
  if (target === undefined || !/^https?:$/.test(target.protocol))
    throw refused(url, 'write an http:// or https:// address');
  const answer = await get(target, etag, options).catch((cause: unknown) => {
    throw refused(url, messageOf(cause), cause);
  });
  if (answer === 'unchanged') return undefined;
  if ('text' in answer) return answer;
  if (redirects === MAX_REDIRECTS) throw refused(url, 'it redirects too often');
  return fetchChanged(new URL(answer.location, target).href, etag, options, redirects + 1);
}

type Answer = FetchedText | { location: string } | 'unchanged';

function get(
  url: URL,
  etag: string | undefined,
  { maxBytes, allowPrivate, signal }: OutgoingOptions,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const agent = allowPrivate ? {} : { agent: filteringAgent(url.href) };
    const client = url.protocol === 'https:' ? https : http;
    const condition = etag === undefined ? {} : { 'if-none-match': etag };
    const request = client.get(
      url,
      {
        ...agent,
        ...(signal === undefined ? {} : { signal }),
        headers: { accept: 'application/json, text/plain, */*', ...condition },
      },
      (response) => {
        const { statusCode = 0, headers } = response;
        if (statusCode === 304 && etag !== undefined) {
          response.resume();
          return resolve('unchanged');
        }
        if (statusCode >= 300 && statusCode < 400 && headers.location !== undefined) {
          response.resume();
          return resolve({ location: headers.location });
        }
        if (statusCode !== 200) return request.destroy(new Error(`the server answered ${statusCode}`));
        const chunks: Buffer[] = [];
        let bytes = 0;
        response.on('data', (chunk: Buffer) => {
          bytes += chunk.length;
          chunks.push(chunk);
          if (bytes > maxBytes) request.destroy(new Error(`the answer is longer than ${maxBytes} bytes`));
        });
        response.on('end', () =>
          resolve({ text: Buffer.concat(chunks).toString('utf8'), etag: headers.etag }),
        );
        response.on('error', reject);
      },
    );
    // For the whole answer, not for each packet of it.
    const timer = setTimeout(
      () => request.destroy(new Error(`no answer within ${TIMEOUT_MS / 1000} seconds`)),
      TIMEOUT_MS,
    );
    request.on('close', () => clearTimeout(timer));
    request.on('error', reject);
  });
}

const refused = (url: string, why: string, cause?: unknown): DomainError =>
  new DomainError('invalid', 'notFetched', `${url} could not be fetched: ${why}.`, {
    cause,
    errors: [{ path: 'url', message: why }],
  });
