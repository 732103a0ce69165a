import type { SignInRequest } from '@polyrelay/contract';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { DomainError } from '#core/errors.js';
import { checkPassword } from './passwords.js';

const MINUTE_MS = 60_000;

/** Guesses: this many an address and minute, and this many an account and quarter of an hour, from wherever. */
const PER_ADDRESS = { max: 20, timeWindow: MINUTE_MS };
const PER_ACCOUNT = { max: 10, timeWindow: 15 * MINUTE_MS };

/**
 * Checks an e-mail address and password.
 * @param ip of who tries
 * @returns the id of the user
 * @throws rateLimited, unauthenticated
 */
export type SignIn = (ip: string, credentials: SignInRequest) => Promise<string>;

/** Makes the check of a sign-in by password, with its limits: one for all the ways a password may come. */
export function makeSignIn(app: FastifyInstance): SignIn {
  const accounts = new WeakMap<FastifyRequest, string>();
  const byAddress = app.createRateLimit(PER_ADDRESS);
  const byAccount = app.createRateLimit({
    ...PER_ACCOUNT,
    keyGenerator: (request) => accounts.get(request) ?? '',
  });

  return async (ip, credentials) => {
    const email = credentials.email.toLowerCase();
    // As much of a request as the limits look at: a password need not come by HTTP.
    const request = { ip, routeOptions: {} } as FastifyRequest;
    accounts.set(request, email);
    for (const check of [byAddress, byAccount]) {
      const limit = await check(request);
      if (!limit.isAllowed && limit.isExceeded) {
        throw new DomainError(
          'rateLimited',
          'tooManyGuesses',
          `Too many tries. Wait ${Math.ceil(limit.ttlInSeconds)} seconds and try again.`,
        );
      }
    }
    const user = await app.database.prisma.user.findUnique({ where: { email } });
    const right = await checkPassword(user?.passwordHash, credentials.password);
    if (user === null || !right) {
      await app.audit.recordSeldom({ actor: email, action: 'signIn.failed', ip });
      throw new DomainError(
        'unauthenticated',
        'wrongPassword',
        'The e-mail address or the password is wrong.',
      );
    }
    await app.audit.record({ actor: email, action: 'signIn', ip });
    return user.id;
  };
}
