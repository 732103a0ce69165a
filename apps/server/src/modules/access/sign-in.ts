import type { SignInRequest } from '@polyrelay/contract';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { DomainError } from '#core/errors.js';
import { checkPassword } from './passwords.js';

const MINUTE_MS = 60_000;

/** Guesses: this many an address and minute, and this many an account and quarter of an hour, from wherever. */
const PER_ADDRESS = { max: 20, timeWindow: MINUTE_MS };
const PER_ACCOUNT = { max: 10, timeWindow: 15 * MINUTE_MS };

/** Makes the check of a sign-in by password, with its limits. */
export function makeSignIn(app: FastifyInstance) {
  const byAddress = app.createRateLimit(PER_ADDRESS);
  const byAccount = app.createRateLimit({
    ...PER_ACCOUNT,
    keyGenerator: (request) => (request.body as SignInRequest).email.toLowerCase(),
  });

  /** @returns the id of the user */
  return async (request: FastifyRequest<{ Body: SignInRequest }>): Promise<string> => {
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
    const email = request.body.email.toLowerCase();
    const user = await app.database.prisma.user.findUnique({ where: { email } });
    const right = await checkPassword(user?.passwordHash, request.body.password);
    if (user === null || !right) {
      await app.audit.recordSeldom({ actor: email, action: 'signIn.failed', ip: request.ip });
      throw new DomainError(
        'unauthenticated',
        'wrongPassword',
        'The e-mail address or the password is wrong.',
      );
    }
    await app.audit.record({ actor: email, action: 'signIn', ip: request.ip });
    return user.id;
  };
}
