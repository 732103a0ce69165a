import { Session, SetupRequest, SetupStatus, SignInMethods, SignInRequest } from '@polyrelay/contract';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { clearSessionCookie, startSession } from '../sessions.js';
import type { Setup } from '../setup.js';
import type { SignIn } from '../sign-in.js';
import { presentUser } from '../store.js';

const tags = ['access'];
const open = { config: { public: true } };

/** Set-up, sign-in, who am I, sign-out. */
export function sessionRoutes(app: FastifyInstance, setup: Setup, signIn: SignIn): void {
  const routes = app.withTypeProvider<ZodTypeProvider>();

  routes.get(
    '/api/setup',
    {
      ...open,
      schema: {
        summary: 'Whether the first user is still to be made',
        tags,
        security: [],
        response: { 200: SetupStatus },
      },
    },
    async () => ({ needed: setup.needed }),
  );

  routes.post(
    '/api/setup',
    {
      config: { public: true, rateLimit: { max: 20, timeWindow: 60_000 } },
      schema: {
        summary: 'Make the first user',
        tags,
        security: [],
        body: SetupRequest,
        response: { 201: Session },
      },
    },
    async (request, reply) => {
      const userId = await setup.complete(request.body);
      return reply.code(201).send(await begin(request, reply, userId));
    },
  );

  routes.get(
    '/api/session/methods',
    {
      ...open,
      schema: {
        summary: 'What the sign-in page offers',
        tags,
        security: [],
        response: { 200: SignInMethods },
      },
    },
    async () => ({
      password: true,
      oidc:
        app.singleSignOn === undefined
          ? null
          : { name: app.config.oidc?.name ?? '', url: '/api/session/oidc' },
    }),
  );

  routes.post(
    '/api/session',
    {
      ...open,
      schema: { summary: 'Sign in', tags, security: [], body: SignInRequest, response: { 200: Session } },
    },
    async (request, reply) => begin(request, reply, await signIn(request.ip, request.body)),
  );

  routes.get(
    '/api/session',
    { schema: { summary: 'Who am I', tags, response: { 200: Session } } },
    async (request) => {
      const { userId, kind, expiresAt } = request.principal;
      return present(userId, kind, expiresAt);
    },
  );

  routes.delete(
    '/api/session',
    { schema: { summary: 'Sign out', tags, response: { 204: z.null() } } },
    async (request, reply) => {
      if (request.principal.kind === 'session') {
        await app.database.prisma.session.deleteMany({ where: { id: request.principal.credentialId } });
        clearSessionCookie(app, reply);
      }
      return reply.code(204).send(null);
    },
  );

  async function begin(request: FastifyRequest, reply: FastifyReply, userId: string): Promise<Session> {
    return present(userId, 'session', await startSession(app, request, reply, userId));
  }

  async function present(userId: string, kind: Session['kind'], expiresAt: Date | null): Promise<Session> {
    const user = await app.database.prisma.user.findUniqueOrThrow({ where: { id: userId } });
    return { user: presentUser(user), kind, expiresAt: expiresAt?.toISOString() ?? null };
  }
}
