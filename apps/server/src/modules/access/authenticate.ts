import type { FastifyInstance, FastifyRequest } from 'fastify';
import { DomainError } from '#core/errors.js';
import type { Principal } from '#core/principal.js';
import { SESSION_COOKIE } from './sessions.js';
import { findAccessToken, findSession } from './store.js';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The route serves everybody. Without it a route below `/api` needs a sign-in. */
    public?: boolean;
  }
  interface FastifyRequest {
    /** Who makes this call. Throws `unauthenticated` on a public route without sign-in. */
    principal: Principal;
  }
}

const WHO = Symbol('principal');

interface WithPrincipal {
  [WHO]?: Principal;
}

/** Finds out who makes each call, and refuses calls below `/api` by nobody. */
export function authenticateRequests(app: FastifyInstance): void {
  app.decorateRequest('principal', {
    getter(this: FastifyRequest) {
      const principal = (this as WithPrincipal)[WHO];
      if (principal === undefined)
        throw new DomainError(
          'unauthenticated',
          'unauthenticated',
          'Sign in, or send an access token as “Authorization: Bearer …”.',
        );
      return principal;
    },
  });
  app.addHook('onRequest', async (request) => {
    const { url, config } = request.routeOptions;
    if (url === undefined || !url.startsWith('/api/') || url.startsWith('/api/docs')) return;
    const principal = await identify(app, request);
    if (principal !== undefined) (request as WithPrincipal)[WHO] = principal;
    // The getter throws when there is none.
    else if (config.public !== true) void request.principal;
  });
}

async function identify(app: FastifyInstance, request: FastifyRequest): Promise<Principal | undefined> {
  const { pool } = app.database;
  const { authorization } = request.headers;
  const bearer = authorization === undefined ? undefined : /^Bearer +(\S+)$/i.exec(authorization)?.[1];
  if (bearer !== undefined) {
    const principal = await findAccessToken(pool, bearer);
    if (principal === undefined)
      throw new DomainError(
        'unauthenticated',
        'badToken',
        'This access token is not valid: it was revoked, has expired, or was mistyped.',
      );
    return principal;
  }
  const cookie = request.cookies[SESSION_COOKIE];
  return cookie === undefined ? undefined : findSession(pool, cookie);
}

/** Refuses everybody who is not an admin. */
export function requireAdmin(principal: Principal): void {
  if (principal.role !== 'admin')
    throw new DomainError('forbidden', 'adminOnly', 'Only an admin may do this.');
}
