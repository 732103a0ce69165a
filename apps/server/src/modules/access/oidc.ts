import fastifyOauth2, { type OAuth2Namespace } from '@fastify/oauth2';
import type { FastifyInstance } from 'fastify';
import fp from 'fastify-plugin';
import { z } from 'zod';
import { messageOf } from '#core/errors.js';
import { startSession } from './sessions.js';

const START_PATH = '/api/session/oidc';
const CALLBACK_PATH = '/api/session/oidc/callback';

declare module 'fastify' {
  interface FastifyInstance {
    singleSignOn?: OAuth2Namespace;
  }
}

const UserInfo = z.looseObject({
  sub: z.string().min(1),
  email: z.email().optional(),
  email_verified: z.union([z.boolean(), z.literal('true'), z.literal('false')]).optional(),
  name: z.string().optional(),
});

/** Optional single sign-on with an OpenID Connect provider (discovery, PKCE). */
export const oidc = fp(
  async (app: FastifyInstance) => {
    const { oidc: settings } = app.config;
    if (settings === undefined) return;
    if (!(await answers(settings.issuer))) {
      app.logger.error(
        `Single sign-on is off: ${settings.issuer} does not answer. Correct OIDC_ISSUER, or start again when it does.`,
      );
      return;
    }
    await app.register(fastifyOauth2, {
      name: 'singleSignOn',
      scope: ['openid', 'email', 'profile'],
      credentials: { client: { id: settings.clientId, secret: settings.clientSecret } },
      callbackUri: () => `${app.endpoints.publicUrl()}${CALLBACK_PATH}`,
      discovery: { issuer: settings.issuer },
      pkce: 'S256',
      cookie: {
        path: '/',
        httpOnly: true,
        sameSite: 'lax',
        secure: app.config.publicUrl?.protocol === 'https:',
      },
    });

    // Not the plugin's own route: it would ask for a sign-in.
    app.get(START_PATH, { config: { public: true }, schema: { hide: true } }, async (request, reply) => {
      const location = await app.singleSignOn?.generateAuthorizationUri(request, reply);
      return reply.redirect(location ?? '/sign-in');
    });

    app.get(CALLBACK_PATH, { config: { public: true }, schema: { hide: true } }, async (request, reply) => {
      try {
        const namespace = app.singleSignOn;
        if (namespace === undefined) return reply.redirect('/sign-in');
        const { token } = await namespace.getAccessTokenFromAuthorizationCodeFlow(request, reply);
        const info = UserInfo.parse(await namespace.userinfo(token));
        const userId = await userOf(app, `${settings.issuer}|${info.sub}`, info, settings.allowNewUsers);
        if (userId === undefined) return reply.redirect(`/sign-in?error=${encodeURIComponent(NO_ACCOUNT)}`);
        await startSession(app, request, reply, userId);
        await app.audit.record({ actor: info.email ?? info.sub, action: 'signIn.oidc', ip: request.ip });
        return reply.redirect('/');
      } catch (error) {
        request.log.warn(`single sign-on failed: ${messageOf(error)}`);
        return reply.redirect(
          `/sign-in?error=${encodeURIComponent('The sign-in did not succeed. Try again.')}`,
        );
      }
    });
  },
  { name: 'access-oidc' },
);

const NO_ACCOUNT = 'You have no account here yet. Ask an admin to add your e-mail address.';

/** The user of a provider's account: known already, known by its verified e-mail, or new where that is allowed. */
async function userOf(
  app: FastifyInstance,
  oidcSubject: string,
  info: z.output<typeof UserInfo>,
  allowNew: boolean,
): Promise<string | undefined> {
  const { prisma } = app.database;
  const known = await prisma.user.findUnique({ where: { oidcSubject } });
  if (known !== null) return known.id;
  const verified = info.email_verified === true || info.email_verified === 'true';
  if (info.email === undefined || !verified) return undefined;
  const email = info.email.toLowerCase();
  const { count } = await prisma.user.updateMany({
    where: { email, oidcSubject: null },
    data: { oidcSubject },
  });
  if (count === 1) return (await prisma.user.findUniqueOrThrow({ where: { email } })).id;
  if (!allowNew || (await prisma.user.count()) === 0) return undefined;
  return (await prisma.user.create({ data: { email, oidcSubject, name: info.name ?? '' } })).id;
}

async function answers(issuer: string): Promise<boolean> {
  const url = `${issuer.replace(/\/+$/, '')}/.well-known/openid-configuration`;
  return fetch(url, { signal: AbortSignal.timeout(5000) }).then(
    (response) => response.ok,
    () => false,
  );
}
