import type { FastifyInstance } from 'fastify';
import type { Principal } from '#core/principal.js';
import { makeToken, storedAccess } from './tokens.js';

const HOUR_MS = 3_600_000;

/** Programs that ask before each call do not fill the list: the oldest beyond this many of a name are deleted. */
const MAX_OF_A_NAME = 20;

/** Who wants a token, made for how long. */
export interface ShortTokenRequest {
  /** Shown in the list of access tokens. */
  name: string;
  hours: number;
  ip: string;
}

/**
 * Makes an access token for a program that signed in just now. It never outlives the access token it was got with,
 * nor may it more than that one, and those of its name that have expired are deleted.
 */
export async function makeShortToken(
  app: FastifyInstance,
  principal: Pick<Principal, 'userId' | 'email' | 'expiresAt' | 'access'>,
  { name, hours, ip }: ShortTokenRequest,
): Promise<string> {
  const { userId, email, expiresAt: end, access } = principal;
  const wanted = new Date(Date.now() + hours * HOUR_MS);
  const expiresAt = end !== null && end < wanted ? end : wanted;
  const { token, stored } = makeToken();
  await app.events.transaction(async (tx, record) => {
    // What a person made under the same name lives longer, and is left alone.
    const deleted = await tx.$executeRaw`
      DELETE FROM access_tokens WHERE user_id = ${userId}::uuid AND name = ${name}
        AND expires_at <= created_at + make_interval(hours => ${hours}::int)
        AND (expires_at <= now() OR id NOT IN (
          SELECT id FROM access_tokens WHERE user_id = ${userId}::uuid AND name = ${name}
          ORDER BY created_at DESC LIMIT ${MAX_OF_A_NAME - 1}::int))`;
    if (deleted > 0) record({ topic: `users/${userId}`, operation: 'UPDATE', ownerId: null });
    await tx.accessToken.create({
      data: { userId, name, ...stored, ...storedAccess(access), expiresAt, createdAt: new Date() },
    });
  });
  await app.audit.recordSeldom({ actor: email, action: 'accessToken.create', target: name, ip });
  return token;
}
