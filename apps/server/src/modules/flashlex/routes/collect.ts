import { FlashlexCollected, flashlexAnswer, Id } from '@polyrelay/contract';
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { DomainError } from '#core/errors.js';
import { keepText, messageBody } from '../bodies.js';
import { counted } from '../failures.js';
import { type ThingRef, verifyKnown, verifyThing } from '../thing-token.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** The thing that sends a message, from before its body is read. */
    sender: ThingRef | undefined;
  }
}

const COLLECTED = 'Message collected.';

/** Where a thing's messages come in. The hot path: one token verified, one row in the next batch. */
export function collectRoutes(app: FastifyInstance): void {
  keepText(app);
  app.decorateRequest('sender', undefined);
  // A logger of its own for each request is for those that log.
  app.setChildLoggerFactory((logger) => logger);
  const routes = app.withTypeProvider<ZodTypeProvider>();

  routes.post(
    '/things/:id/collect',
    {
      ...messageBody,
      // The thing's own token says who calls; cookies are not looked at.
      config: { public: true, anyOrigin: true },
      // No browser reads the answer: headers for pages cost a fifth of this path.
      helmet: false,
      // The schema describes; the thing and the id are checked where they are used.
      validatorCompiler: () => (value) => ({ value }),
      onRequest: (request, _reply, done) => {
        const { id } = request.params as { id: string };
        const { authorization } = request.headers;
        request.sender = verifyKnown(app, id, authorization);
        if (request.sender !== undefined) return done();
        verifyThing(app, id, authorization).then((thing) => {
          request.sender = thing;
          done();
        }, done);
      },
      schema: {
        summary: 'Collect a message: the thing’s own call, with its token',
        description: 'The body is any JSON, up to 256 KiB. Answered when the message is committed.',
        security: [{ thingToken: [] }],
        params: z.object({ id: Id }),
        headers: z.looseObject({
          'idempotency-key': z
            .uuid('Must be a UUID: the id of the message')
            .optional()
            .describe('The message’s id: sent again, it is stored once'),
        }),
        response: { 200: flashlexAnswer(FlashlexCollected) },
      },
    },
    async (request, reply) => {
      const thing = request.sender;
      if (thing === undefined) throw new Error('a message without a sender');
      const text = request.body as unknown as string | undefined;
      if (text === undefined || text === '')
        throw new DomainError('invalid', 'emptyBody', 'The body is empty. Send JSON.');
      const key = request.headers['idempotency-key']?.toLowerCase();
      const options = key === undefined ? {} : { id: key };
      const { id } = await counted(thing.ownerId, () => app.messages.collect(thing, text, options));
      reply.type('application/json').header('x-content-type-options', 'nosniff').serializer(asItIs);
      // Ids need no escaping.
      return `{"status":"OK","code":200,"messages":[{"key":"message","value":"${COLLECTED}"}],"result":{"message":"${COLLECTED}","flthingspk":"${thing.id}","flmessagespk":"${id}"}}` as never;
    },
  );
}

const asItIs = (text: string): string => text;
