import type { FastifyInstance, FastifyRequest } from 'fastify';
import { DomainError } from '#core/errors.js';
import type { Principal } from '#core/principal.js';
import type { KnownTokens } from './known-tokens.js';
import { checkTokenAccess } from './route-access.js';
import { SESSION_COOKIE } from './sessions.js';
import { findSession } from './store.js';

declare module 'fastify' {
  interface FastifyContextConfig {
    /**
     * The route serves everybody, and finds out by itself who calls where it matters. Others below `/api`, and below
     * what `app.access.guard` was told, need a sign-in.
     */
    public?: boolean;
    /** The route looks itself at the list of a token with an ACL; every other route refuses such tokens. */
    checksAcl?: boolean;
  }
  interface FastifyRequest {
    /** Who makes this call: on every route that is not public. */
    principal: Principal;
    /** Who makes this call, if anybody, on a public route. */
    identify(): Promise<Principal | undefined>;
    /** The token of the session cookie, not checked. */
    sessionToken: string | undefined;
  }
}

const WHO = Symbol('principal');

interface WithPrincipal {
  [WHO]?: Principal;
}

/**
 * Finds out who makes each call, and refuses calls by nobody below the guarded paths.
 * @param guarded prefixes of routes; may grow
 */
export function authenticateRequests(
  app: FastifyInstance,
  guarded: readonly string[],
  tokens: KnownTokens,
): void {
  app.decorateRequest('principal', {
    getter(this: FastifyRequest) {
      const principal = (this as WithPrincipal)[WHO];
      if (principal === undefined) throw new Error(`${this.routeOptions.url} is public: it has no principal`);
      return principal;
    },
  });
  app.decorateRequest('identify', function identifyCaller(this: FastifyRequest) {
    return identify(app, tokens, this);
  });
  app.decorateRequest('sessionToken', {
    getter(this: FastifyRequest) {
      return this.cookies[SESSION_COOKIE];
    },
  });
  // Without a promise where nothing is to be waited for: it is on every request's way.
  app.addHook('onRequest', (request, _reply, done) => {
    const { url, config } = request.routeOptions;
    const isFree =
      config.public ||
      url === undefined ||
      url.startsWith('/api/docs') ||
      !guarded.some((prefix) => url.startsWith(prefix));
    if (isFree) return done();
    const bearer = bearerOf(request);
    const known = bearer === undefined ? undefined : tokens.kept(bearer);
    if (known === undefined) requirePrincipal(app, tokens, request).then(() => done(), done);
    else done(admit(request, known));
  });
}

/** Lets a known token call a route, or says why it may not. */
function admit(request: FastifyRequest, known: Principal): Error | undefined {
  try {
    checkTokenAccess(request, known);
  } catch (error) {
    return error as Error;
  }
  (request as WithPrincipal)[WHO] = known;
  return undefined;
}

/** @throws unauthenticated */
async function requirePrincipal(
  app: FastifyInstance,
  tokens: KnownTokens,
  request: FastifyRequest,
): Promise<void> {
  const principal = await identify(app, tokens, request);
  if (principal === undefined) {
    const message = 'Sign in, or send an access token as “Authorization: Bearer …”.';
    throw new DomainError('unauthenticated', 'unauthenticated', message);
  }
  (request as WithPrincipal)[WHO] = principal;
}

function bearerOf({ headers: { authorization } }: FastifyRequest): string | undefined {
  return authorization === undefined
    ? undefined
    : /^(?:Bearer|FlespiToken) +(\S+)$/i.exec(authorization)?.[1];
}

async function identify(
  app: FastifyInstance,
  tokens: KnownTokens,
  request: FastifyRequest,
): Promise<Principal | undefined> {
  const bearer = bearerOf(request);
  if (bearer !== undefined) {
    const principal = tokens.kept(bearer) ?? (await tokens.find(bearer));
    if (principal === undefined)
      throw new DomainError(
        'unauthenticated',
        'badToken',
        'This access token is not valid: it was revoked, has expired, or was mistyped.',
      );
    checkTokenAccess(request, principal);
    return principal;
  }
  const { sessionToken } = request;
  return sessionToken === undefined ? undefined : findSession(app.database.pool, sessionToken);
}
