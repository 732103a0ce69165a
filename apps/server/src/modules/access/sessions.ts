import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { hashToken, newToken } from '#core/secrets/tokens.js';

export const SESSION_COOKIE = 'polyrelay_session';

const SESSION_DAYS = 30;
const DAY_MS = 86_400_000;

/** Starts a session for a user and sets its cookie. @returns when it ends */
export async function startSession(
  app: FastifyInstance,
  request: FastifyRequest,
  reply: FastifyReply,
  userId: string,
): Promise<Date> {
  const token = newToken();
  const expiresAt = new Date(Date.now() + SESSION_DAYS * DAY_MS);
  const userAgent = String(request.headers['user-agent'] ?? '').slice(0, 300);
  await app.database.transaction(async (tx) => {
    await tx.session.deleteMany({ where: { userId, expiresAt: { lt: new Date() } } });
    await tx.session.create({ data: { tokenHash: hashToken(token), userId, expiresAt, userAgent } });
    await tx.user.update({ where: { id: userId }, data: { lastSignInAt: new Date() } });
  });
  reply.setCookie(SESSION_COOKIE, token, { ...cookieOptions(app), expires: expiresAt });
  return expiresAt;
}

export function clearSessionCookie(app: FastifyInstance, reply: FastifyReply): void {
  reply.clearCookie(SESSION_COOKIE, cookieOptions(app));
}

const cookieOptions = (app: FastifyInstance) =>
  ({
    path: '/',
    httpOnly: true,
    sameSite: 'lax',
    secure: app.config.publicUrl?.protocol === 'https:',
  }) as const;
