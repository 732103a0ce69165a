export { type ScriptedBrowser, scriptedBrowser, signInAt, type Visited } from './sign-in.js';

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type Provider from 'oidc-provider';
import { demoClimate } from './climate.js';
import { climateApi } from './climate-api.js';
import { interactions } from './interactions.js';
import { homePage, send } from './pages.js';
import { DEMO_SCOPE, demoProvider } from './provider.js';
import { ProviderStore } from './store.js';

export interface DemoProviderOptions {
  /** A free one when left out. */
  port?: number;
  clientId: string;
  clientSecret: string;
  /** Where the provider may send the browser back to; the first one stands in `authorizationUrl`. */
  redirectUris: string[];
  /** How the client proves itself at the token endpoint: in the body (default) or with HTTP Basic. */
  clientAuthentication?: 'client_secret_post' | 'client_secret_basic';
  /** Seconds an access token lives (default 60: short, so that a refresh is soon seen). */
  accessTokenSeconds?: number;
  /** Keeps grants and tokens over a restart; in memory alone when left out. */
  file?: string;
}

export interface DemoProvider {
  /** `http://127.0.0.1:<port>` */
  url: string;
  /** What the user enters as the provider's URL: complete but for the state, ends in `state=`. */
  authorizationUrl: string;
  tokenEndpoint: string;
  /** The protected resource: thermostats whose values move. */
  apiUrl: string;
  /** Revokes every grant and token, as a user does in the provider's settings. */
  revokeAll(): void;
  close(): Promise<void>;
}

/**
 * A whole OAuth 2 authorization server (the real `oidc-provider`) on the loopback interface, with
 * sign-in, consent and a resource to read: “Demo Climate”.
 */
export const startDemoProvider = async (options: DemoProviderOptions): Promise<DemoProvider> => {
  const server = createServer();
  await listen(server, options.port ?? 0);
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const store = new ProviderStore(options.file);
  const provider = await demoProvider(url, options, store);
  server.on('request', handler(provider));

  return {
    url,
    authorizationUrl: authorizationUrl(url, options),
    tokenEndpoint: `${url}/token`,
    apiUrl: `${url}/api/thermostats`,
    revokeAll: () => store.clear(),
    close: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      // Browsers keep connections open; closing politely would wait for them.
      server.closeAllConnections();
      await closed;
      store.close();
    },
  };
};

/** RFC 6749 section 4.1.1; `prompt=consent` shows the consent page at every link, as most providers do. */
const authorizationUrl = (url: string, { clientId, redirectUris }: DemoProviderOptions): string => {
  const query = new URLSearchParams({
    client_id: clientId,
    response_type: 'code',
    redirect_uri: redirectUris[0] ?? '',
    scope: DEMO_SCOPE,
    prompt: 'consent',
  });
  return `${url}/auth?${query}&state=`;
};

const listen = (server: Server, port: number) =>
  new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => resolve());
  });

const handler = (provider: Provider) => {
  const oauth = provider.callback();
  const pages = interactions(provider);
  const api = climateApi(provider, demoClimate());
  return (request: IncomingMessage, response: ServerResponse): void => {
    // Not parsed as a URL: anybody may ask for a path that is none, such as `//`.
    const [path = '/'] = (request.url ?? '/').split('?', 1);
    const route = async () => {
      if (path === '/') return send(response, 200, homePage());
      if (path.startsWith('/interaction/')) return pages(request, response, path);
      if (path.startsWith('/api/')) return api(request, response, path);
      return oauth(request, response);
    };
    route().catch((error: unknown) => {
      if (!response.headersSent) response.writeHead(500, { 'content-type': 'text/plain' });
      response.end(`Demo Climate failed: ${error instanceof Error ? error.message : 'unknown error'}\n`);
    });
  };
};
