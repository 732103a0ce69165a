import { Appended, ChannelId, MAX_CHANNEL_BODY_BYTES } from '@polyrelay/contract';
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';

/** Adding messages. A scope of its own: bodies are taken as they are, because messages are stored as they came. */
export async function postRoute(scope: FastifyInstance): Promise<void> {
  scope.removeContentTypeParser('application/json');
  scope.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_request, body, done) =>
    done(null, body),
  );
  scope.withTypeProvider<ZodTypeProvider>().post(
    '/api/channels/:id/messages',
    {
      bodyLimit: MAX_CHANNEL_BODY_BYTES,
      schema: {
        summary: 'Add messages: an object, or a list of objects; all are added or none',
        description: 'Each message has an `ident` and a `timestamp` (seconds since 1970), and anything else.',
        tags: ['channels'],
        params: z.object({ id: ChannelId }),
        body: z.any(),
        response: { 201: Appended },
      },
    },
    async ({ principal, params, body }, reply) => {
      const channel = await scope.channels.require(principal, params.id);
      const messages = scope.channels.parse((body as Buffer | undefined) ?? '');
      return reply.code(201).send(await scope.channels.append(channel, messages));
    },
  );
}
