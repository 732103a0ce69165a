import type { FastifyRequest } from 'fastify';
import { DomainError } from '#core/errors.js';
import type { Principal } from '#core/principal.js';

/** What only a master token reaches: access itself. A token must not make one that may more than itself. */
const ABOUT_ACCESS = /^\/api\/(?:access-tokens|users|policies|backups|setup|audit)(?:\/|$)/;

/** Whether an access token may call a route at all. @throws forbidden */
export function checkTokenAccess(request: FastifyRequest, { access }: Principal): void {
  const { url = '', config } = request.routeOptions;
  if (access.kind === 'acl' && config.checksAcl !== true)
    throw new DomainError(
      'forbidden',
      'tokenAccess',
      'This access token is only for what its list of rights names, and that is not part of it.',
    );
  if (access.kind === 'standard' && ABOUT_ACCESS.test(url))
    throw new DomainError(
      'forbidden',
      'tokenAccess',
      'This access token is a standard one: tokens, users, limits and backups need a master token.',
    );
}
