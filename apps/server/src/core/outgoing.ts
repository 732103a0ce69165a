import { createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import http, { type IncomingMessage } from 'node:http';
import https from 'node:https';
import { pipeline } from 'node:stream/promises';
import { DomainError, messageOf } from '#core/errors.js';
import { agentFor } from './outgoing-agents.js';

const TEXT_MS = 10_000;

/** Somebody waits for the answer, and a proxy may lie between. */
const DOWNLOAD_MS = 50_000;

const KIB = 1024;
const MIB = KIB * KIB;

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
export function fetchChanged(
  url: string,
  etag: string | undefined,
  options: OutgoingOptions,
): Promise<FetchedText | undefined> {
  const request = { ...options, etag, protocols: /^https?:$/, timeoutMs: TEXT_MS };
  return follow(url, request, async (response, chunks) => {
    if (response.statusCode === 304) return undefined;
    const text: Buffer[] = [];
    for await (const chunk of chunks) text.push(chunk);
    return { text: Buffer.concat(text).toString('utf8'), etag: response.headers.etag };
  });
}

/**
 * Fetches a file into a new one at `path`, without holding it in memory; only over https, also behind a redirect, and
 * with the same filter. Of what fails, nothing is left.
 */
export async function download(url: string, path: string, options: OutgoingOptions): Promise<void> {
  const request = { ...options, etag: undefined, protocols: /^https:$/, timeoutMs: DOWNLOAD_MS };
  await follow(url, request, async (_response, chunks) => {
    try {
      await pipeline(chunks, createWriteStream(path, { mode: 0o600, flags: 'wx' }));
    } catch (error) {
      await rm(path, { force: true });
      throw error;
    }
  });
}

interface Request extends OutgoingOptions {
  /** Of an earlier answer; then the answer may be 304. */
  etag: string | undefined;
  protocols: RegExp;
  /** For the whole answer, not for each packet of it. */
  timeoutMs: number;
}

/** Takes what is needed from an answer; `chunks` fail when it is too long. */
type Take<T> = (response: IncomingMessage, chunks: AsyncIterable<Buffer>) => Promise<T>;

/** Asks, and asks again where a redirect leads to, each time with the same checks. */
async function follow<T>(url: string, request: Request, take: Take<T>, redirects = 0): Promise<T> {
  const target = URL.canParse(url) ? new URL(url) : undefined;
  if (target === undefined || !request.protocols.test(target.protocol))
    throw refused(url, request.protocols.test('http:') ? WRITE_HTTP : WRITE_HTTPS);
  const answer = await ask(target, request, take).catch((cause: unknown) => {
    throw refused(url, messageOf(cause), cause);
  });
  if ('taken' in answer) return answer.taken;
  if (redirects === MAX_REDIRECTS) throw refused(url, 'it redirects too often');
  return follow(new URL(answer.location, target).href, request, take, redirects + 1);
}

const WRITE_HTTP = 'write an http:// or https:// address';
const WRITE_HTTPS = 'only an https:// address is taken';

function ask<T>(url: URL, request: Request, take: Take<T>): Promise<{ location: string } | { taken: T }> {
  const { etag, allowPrivate, signal, maxBytes, timeoutMs } = request;
  return new Promise((resolve, reject) => {
    const client = url.protocol === 'https:' ? https : http;
    const condition = etag === undefined ? {} : { 'if-none-match': etag };
    const options = {
      agent: agentFor(url, allowPrivate),
      ...(signal === undefined ? {} : { signal }),
      headers: { accept: 'application/json, text/plain, */*', ...condition },
    };
    const sent = client.get(url, options, (response) => {
      const { statusCode = 0, headers } = response;
      if (statusCode >= 300 && statusCode < 400 && statusCode !== 304 && headers.location !== undefined) {
        response.resume();
        return resolve({ location: headers.location });
      }
      if (statusCode !== 200 && !(statusCode === 304 && etag !== undefined))
        return sent.destroy(new Error(`the server answered ${statusCode}`));
      take(response, bounded(response, maxBytes)).then((taken) => resolve({ taken }), fail);
    });
    let problem: Error | undefined;
    const fail = (error: unknown): void => {
      reject(problem ?? error);
      sent.destroy();
    };
    const timer = setTimeout(() => {
      problem = new Error(`no answer within ${timeoutMs / 1000} seconds`);
      sent.destroy(problem);
    }, timeoutMs);
    sent.on('close', () => clearTimeout(timer));
    sent.on('error', fail);
  });
}

async function* bounded(response: IncomingMessage, maxBytes: number): AsyncGenerator<Buffer> {
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > maxBytes) throw new Error(`the answer is longer than ${sizeOf(maxBytes)}`);
    yield chunk;
  }
}

const sizeOf = (bytes: number): string => (bytes < MIB ? `${bytes / KIB} KiB` : `${bytes / MIB} MiB`);

const refused = (url: string, why: string, cause?: unknown): DomainError =>
  new DomainError('invalid', 'notFetched', `${url} could not be fetched: ${why}.`, {
    cause,
    errors: [{ path: 'url', message: why }],
  });
