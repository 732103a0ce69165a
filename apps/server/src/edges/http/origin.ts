import type { FastifyInstance, FastifyRequest } from 'fastify';
import { DomainError } from '#core/errors.js';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The route takes calls from any site: it has nothing to do with the caller's cookies. */
    anyOrigin?: boolean;
  }
}

const SAFE = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * Refuses requests that another site's page makes with the user's cookie: a request that changes something and
 * carries a cookie must come from this origin (CSRF). Browsers always send `Origin` with those; calls with an access
 * token carry no cookie and need none.
 */
export function checkOrigin(app: FastifyInstance): void {
  app.addHook('onRequest', (request, _reply, done) => {
    check(request);
    done();
  });

  const check = (request: FastifyRequest): void => {
    if (SAFE.has(request.method) || request.headers.cookie === undefined) return;
    if (request.routeOptions.config.anyOrigin) return;
    if (/^(Bearer|FlespiToken) /i.test(request.headers.authorization ?? '')) return;
    const { origin } = request.headers;
    const fetchSite = request.headers['sec-fetch-site'];
    if (
      origin === undefined
        ? fetchSite === undefined || fetchSite === 'same-origin'
        : isOwn(origin, request.host)
    )
      return;
    const message = `This request came from ${origin ?? 'another site'}, not from the dashboard. If the service is behind a proxy, set PUBLIC_URL to the address you open.`;
    throw new DomainError('forbidden', 'foreignOrigin', message);
  };

  const isOwn = (origin: string, host: string): boolean => {
    if (!URL.canParse(origin)) return false;
    return origin === new URL(app.endpoints.publicUrl()).origin || new URL(origin).host === host;
  };
}
