import { FlashlexCollected, flashlexAnswer, Id } from '@polyrelay/contract';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { DomainError } from '#core/errors.js';
import { keepText, messageBody } from '../bodies.js';
import { counted } from '../failures.js';
import { type ThingRef, verifyThing } from '../thing-token.js';

/** The thing that sends a request, from before its body is read. */
const senders = new WeakMap<FastifyRequest, ThingRef>();

const COLLECTED = 'Message collected.';

/** Where a thing's messages come in. The hot path: one token verified, one row in the next batch. */
export function collectRoutes(app: FastifyInstance): void {
  keepText(app);
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
      onRequest: async (request) => {
        const { id } = request.params as { id: string };
        senders.set(request, await verifyThing(app, id, request.headers.authorization));
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
      const thing = senders.get(request);
      if (thing === undefined) throw new Error('a message without a sender');
      const text = request.body as unknown as string | undefined;
      if (text === undefined || text === '')
        throw new DomainError('invalid', 'emptyBody', 'The body is empty. Send JSON.');
      const key = request.headers['idempotency-key']?.toLowerCase();
      const options = key === undefined ? {} : { id: key };
      const { id } = await counted(thing.ownerId, () => app.messages.collect(thing, text, options));
      // Ids need no escaping.
      const body = `{"status":"OK","code":200,"messages":[{"key":"message","value":"${COLLECTED}"}],"result":{"message":"${COLLECTED}","flthingspk":"${thing.id}","flmessagespk":"${id}"}}`;
      return reply
        .type('application/json')
        .header('x-content-type-options', 'nosniff')
        .serializer(asItIs)
        .send(body as never);
    },
  );
}

const asItIs = (text: string): string => text;
