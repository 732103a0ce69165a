import { FlashlexLogin } from '@polyrelay/contract';
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';

/** How the tokens made here are named in the list of access tokens, and how long they live. */
const TOKEN = { name: 'FlashLex API', hours: 24 };

/** Signing in of programs. */
export function tokenRoutes(app: FastifyInstance): void {
  app.withTypeProvider<ZodTypeProvider>().get(
    '/token',
    {
      config: { public: true },
      schema: {
        summary: 'An access token for a day, by e-mail address and password (or access token)',
        security: [{ password: [] }],
        response: { 200: FlashlexLogin },
      },
    },
    async (request, reply) => {
      const caller = await app.access.signInBasic(request);
      const accessToken = await app.access.makeShortToken(caller, { ...TOKEN, ip: request.ip });
      return reply.header('cache-control', 'no-store').send({ accessToken });
    },
  );
}
