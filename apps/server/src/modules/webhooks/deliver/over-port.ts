import http, { type IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { DomainError, messageOf } from '#core/errors.js';

/** A program has this long to begin its answer; the answer itself may go on (server-sent events). */
const PATIENCE_MS = 30_000;

export interface Forwarded {
  port: number;
  method: string;
  /** With the query, as it was sent. */
  path: string;
  headers: Record<string, string>;
  body: Buffer;
  /** The caller is gone. */
  signal: AbortSignal;
}

/**
 * Sends a request to the program that listens behind a mapped port. @returns its answer, to be read on
 * @throws DomainError `ingressNotAnswering`
 */
export function forward({ body, ...rest }: Forwarded): Promise<IncomingMessage> {
  return begin(rest, (request, resolve) => {
    request.on('response', resolve);
    if (body.length > 0) request.setHeader('content-length', body.length);
    request.end(body);
  });
}

/** A connection that has become another protocol, and what came behind the answer. */
export interface Upgraded {
  response: IncomingMessage;
  socket: Duplex;
  head: Buffer;
}

/** Asks for a WebSocket. @throws DomainError `ingressNotAnswering`, `upgradeRefused` */
export function upgrade({ headers, ...rest }: Omit<Forwarded, 'body'>): Promise<Upgraded> {
  const asking = { ...headers, connection: 'Upgrade', upgrade: 'websocket' };
  return begin({ ...rest, headers: asking }, (request, resolve, reject) => {
    request.on('upgrade', (response, socket, head) => resolve({ response, socket, head }));
    request.on('response', (response) => {
      response.destroy();
      const message = `The node server takes no WebSocket here: it answered ${response.statusCode}.`;
      reject(new DomainError('unavailable', 'upgradeRefused', message));
    });
    request.end();
  });
}

function begin<T>(
  { port, method, path, headers, signal }: Omit<Forwarded, 'body'>,
  run: (
    request: http.ClientRequest,
    resolve: (value: T) => void,
    reject: (error: DomainError) => void,
  ) => void,
): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    // A connection each: one that is kept breaks when the worker is started anew.
    const request = http.request({ host: '127.0.0.1', port, method, path, headers, agent: false, signal });
    const timer = setTimeout(() => request.destroy(new Error('it did not answer in time')), PATIENCE_MS);
    const done = (): void => clearTimeout(timer);
    request.on('error', (cause) => {
      done();
      const message = `The node server does not answer on its port 3000: ${messageOf(cause)}.`;
      reject(new DomainError('unavailable', 'ingressNotAnswering', message, { cause }));
    });
    run(
      request,
      (value) => {
        done();
        resolve(value);
      },
      (error) => {
        done();
        reject(error);
      },
    );
  });
}

/** Joins two connections until one of them ends. @returns what cuts them */
export function join(caller: Duplex, upgraded: Upgraded, head: Buffer, onEnd: () => void): () => void {
  const { response, socket } = upgraded;
  const said = Object.entries(response.headers).flatMap(([name, value]) =>
    name.startsWith('sec-websocket-') ? [`${name}: ${String(value)}`] : [],
  );
  const lines = ['HTTP/1.1 101 Switching Protocols', 'connection: Upgrade', 'upgrade: websocket', ...said];
  const cut = (): void => {
    caller.destroy();
    socket.destroy();
  };
  for (const side of [caller, socket]) {
    side.on('error', cut);
    side.on('close', cut);
  }
  caller.on('close', onEnd);
  caller.write(`${lines.join('\r\n')}\r\n\r\n`);
  caller.write(upgraded.head);
  socket.write(head);
  caller.pipe(socket);
  socket.pipe(caller);
  return cut;
}
