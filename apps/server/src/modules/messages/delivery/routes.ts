import { Id, Message, MessageRequest } from '@polyrelay/contract';
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { wrapText } from './wire.js';

/** Sending a message to a thing. */
export function deliveryRoutes(app: FastifyInstance): void {
  app.withTypeProvider<ZodTypeProvider>().post(
    '/api/things/:id/messages',
    {
      schema: {
        summary: 'Send a message to a thing: it has it at once, or when it comes',
        tags: ['messages'],
        params: z.object({ id: Id }),
        body: MessageRequest,
        response: { 201: Message },
      },
    },
    async (request, reply) => {
      const { body } = request;
      const thing = await app.things.require(request.principal, request.params.id);
      const json = 'text' in body ? wrapText(body.text) : JSON.stringify(body.payload);
      return reply.code(201).send(await app.messages.publish(thing, json));
    },
  );
}
