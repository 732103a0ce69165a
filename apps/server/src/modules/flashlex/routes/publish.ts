import { FlashlexMessage, flashlexAnswer, Id } from '@polyrelay/contract';
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { DomainError } from '#core/errors.js';
import { keepText, messageBody } from '../bodies.js';
import { ok } from '../envelope.js';
import { counted } from '../failures.js';
import { presentMessage } from '../present.js';

/** Sending a message to a thing. */
export function publishRoutes(app: FastifyInstance): void {
  keepText(app);
  const routes = app.withTypeProvider<ZodTypeProvider>();

  routes.post(
    '/things/:id/publish',
    {
      ...messageBody,
      schema: {
        summary: 'Send a message to a thing: JSON as it is, or a text',
        description: 'A text arrives as `{"message":{"message":"…"}}`.',
        params: z.object({ id: Id }),
        response: { 200: flashlexAnswer(FlashlexMessage) },
      },
    },
    async (request) => {
      const thing = await app.things.require(request.principal, request.params.id);
      const text = request.body as unknown as string | undefined;
      const json = messageOf(text ?? '', request.headers['content-type'] ?? '');
      const message = await counted(thing.ownerId, () => app.messages.publish(thing, json));
      return ok(presentMessage(message, thing.ownerId), 'Message published.');
    },
  );
}

const wrapped = (text: string): string => JSON.stringify({ message: { message: text } });

/** Begins what can only be meant as JSON: it is not sent as a text because a bracket is missing. */
const MEANT_AS_JSON = /^\s*[[{"]/;

/**
 * The JSON of a message. Published clients send free text as application/json too, bare (`FOO|BAR`) or as the JSON
 * string that the Swagger file asks for.
 */
function messageOf(body: string, contentType: string): string {
  if (body.trim() === '')
    throw new DomainError('invalid', 'emptyBody', 'The body is empty. Send JSON or a text.');
  if (/^text\//i.test(contentType)) return wrapped(body);
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    // Broken JSON goes on as it is: there it is refused, with the place where it breaks.
    return MEANT_AS_JSON.test(body) ? body : wrapped(body);
  }
  return typeof value === 'string' ? wrapped(value) : body;
}
