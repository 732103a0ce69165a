import type { TokenAccess } from '@polyrelay/contract';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { DomainError } from '#core/errors.js';

/** Who calls: everything below `/ws` is about what belongs to this user, also when it is an admin. */
export interface Caller {
  userId: string;
  email: string;
  expiresAt: Date | null;
  access: TokenAccess;
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Who makes this call, by HTTP Basic: on every route of the idigi module. */
    wsCaller: Caller;
  }
}

const WHO = Symbol('wsCaller');

interface WithCaller {
  [WHO]?: Caller;
}

const SAFE = new Set(['GET', 'HEAD', 'OPTIONS']);

/** Asks every call below this plugin for HTTP Basic. A session cookie is of no use here. */
export function authenticateCallers(app: FastifyInstance): void {
  app.decorateRequest('wsCaller', {
    getter(this: FastifyRequest) {
      const caller = (this as WithCaller)[WHO];
      if (caller === undefined) throw new Error('this call was not asked who makes it');
      return caller;
    },
  });
  app.addHook('onRequest', async (request) => {
    refuseOtherSites(request);
    const caller = await app.access.signInBasic(request);
    if (caller.access.kind === 'acl')
      throw new DomainError(
        'forbidden',
        'tokenAccess',
        'This access token is only for what its list of rights names, and that is not part of it.',
      );
    (request as WithCaller)[WHO] = caller;
  });
}

/** A browser that was once asked for HTTP Basic sends it by itself, whatever page the request comes from. */
function refuseOtherSites({ method, headers, host }: FastifyRequest): void {
  const { origin } = headers;
  if (SAFE.has(method) || origin === undefined) return;
  if (URL.canParse(origin) && new URL(origin).host === host) return;
  throw new DomainError('forbidden', 'foreignOrigin', 'This request came from a page of another site.');
}
