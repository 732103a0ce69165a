import { createServer, globalAgent } from 'node:https';
import type { AddressInfo } from 'node:net';
import { testAuthority } from '@polyrelay/testkit';

/** What it answers at a path: a file, a status, or where to look instead. */
export type HttpsAnswer = Buffer | number | { location: string };

/** A web server of this machine. */
export interface HttpsServer {
  url(path: string): string;
  /** By path, with its slash. */
  answers: Record<string, HttpsAnswer>;
  close(): Promise<void>;
}

/** Serves files over https. While it runs, this process trusts its certificate. */
export async function startHttpsServer(): Promise<HttpsServer> {
  const authority = await testAuthority();
  const { cert, key } = await authority.issue('localhost', { dns: ['localhost'], ip: ['127.0.0.1'] });
  const { ca } = globalAgent.options;
  globalAgent.options.ca = authority.caCert;
  const answers: Record<string, HttpsAnswer> = {};
  const server = createServer({ cert, key }, ({ url = '' }, response) => {
    const answer = answers[url] ?? 404;
    if (typeof answer === 'number') response.writeHead(answer).end();
    else if (Buffer.isBuffer(answer)) response.end(answer);
    else response.writeHead(302, answer).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    answers,
    url: (path) => `https://localhost:${(server.address() as AddressInfo).port}${path}`,
    close: async () => {
      globalAgent.options.ca = ca;
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
