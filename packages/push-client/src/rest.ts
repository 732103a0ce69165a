import { request as httpRequest, type IncomingMessage, type RequestOptions } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { rootCertificates } from 'node:tls';
import { connectionError, PushError } from './errors.js';

/** Of an answer: a page of 1000 monitors is some hundred KB. */
const MAX_ANSWER_BYTES = 16 * 1024 * 1024;

export interface Answer {
  status: number;
  location: string | undefined;
  text: string;
}

export interface Call {
  method?: string;
  headers?: Record<string, string>;
  body?: string;
  /** Trusted beside the CAs Node.js knows: the REST API may have another certificate than the push port. */
  ca?: string | undefined;
  timeoutMs: number;
}

/** One HTTP request with its whole answer; redirects are not followed. @throws PushError `UNAVAILABLE`, `UNTRUSTED` */
export async function call(
  url: URL,
  { method = 'GET', headers = {}, body, ca, timeoutMs }: Call,
): Promise<Answer> {
  const options: RequestOptions = {
    method,
    headers: { ...headers, ...(body === undefined ? {} : { 'content-length': Buffer.byteLength(body) }) },
    signal: AbortSignal.timeout(timeoutMs),
    // Each call has its own connection: there are few, and none keeps the process alive.
    agent: false,
  };
  try {
    return await new Promise<Answer>((resolve, reject) => {
      const taken = (response: IncomingMessage) => readAnswer(response).then(resolve, reject);
      const request =
        url.protocol === 'https:'
          ? httpsRequest(
              url,
              { ...options, ...(ca === undefined ? {} : { ca: [...rootCertificates, ca] }) },
              taken,
            )
          : httpRequest(url, options, taken);
      request.on('error', reject).end(body);
    });
  } catch (error) {
    if (error instanceof Error && (error.name === 'TimeoutError' || error.name === 'AbortError'))
      throw new PushError('UNAVAILABLE', `${url.origin}: no answer within ${timeoutMs / 1000} s`);
    throw connectionError(url.origin, error);
  }
}

async function readAnswer(response: IncomingMessage): Promise<Answer> {
  const pieces: Buffer[] = [];
  let size = 0;
  for await (const piece of response as AsyncIterable<Buffer>) {
    size += piece.length;
    if (size > MAX_ANSWER_BYTES) {
      response.destroy();
      throw new PushError('PROTOCOL', `the answer is greater than ${MAX_ANSWER_BYTES} bytes`);
    }
    pieces.push(piece);
  }
  return {
    status: response.statusCode ?? 0,
    location: response.headers.location,
    text: Buffer.concat(pieces).toString(),
  };
}
