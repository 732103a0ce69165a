import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { DomainError } from '#core/errors.js';
import { toDomainError } from '#edges/http/errors.js';
import { wordsOf } from '../answer/failures.js';
import { sendOne, sendPage } from '../answer/page.js';
import { type Part, send } from '../answer/send.js';
import { elementsOf, type Fields } from '../bodies.js';
import { queryOf } from '../query.js';
import {
  changeMonitor,
  createMonitor,
  listMonitors,
  MONITOR_ATTRIBUTES,
  readMonitor,
  removeMonitor,
} from '../resources/monitors.js';
import { nameOf } from './element.js';

const NAME = 'Monitor';

type WithId = { Params: { id: string } };

/** `/ws/Monitor`: makes, reads, changes and deletes monitors. */
export function monitorRoutes(app: FastifyInstance): void {
  app.get('/Monitor', { schema: { summary: 'My monitors' } }, list);
  app.get<WithId>('/Monitor/:id', { schema: { summary: 'One monitor' } }, async (request, reply) => {
    const id = nameOf(request.params.id);
    if (id === undefined) return list(request, reply);
    return sendOne(request, reply, NAME, await readMonitor(app, request.wsCaller, id));
  });
  app.post('/Monitor', { schema: { summary: 'Make a monitor' } }, create);
  app.post<WithId>('/Monitor/:id', { schema: { hide: true } }, async (request, reply) => {
    if (nameOf(request.params.id) === undefined) return create(request, reply);
    throw new DomainError(
      'invalid',
      'notAllowed',
      'A monitor is changed with PUT, and made with POST /ws/Monitor',
    );
  });
  app.put('/Monitor', { schema: { summary: 'Change the monitor with the monId of the body' } }, change);
  app.put<WithId>('/Monitor/:id', { schema: { summary: 'Change a monitor' } }, (request, reply) =>
    change(request, reply, nameOf(request.params.id)),
  );
  app.delete<WithId>('/Monitor/:id', { schema: { summary: 'Delete a monitor' } }, async (request, reply) => {
    await removeMonitor(app, request.wsCaller, nameOf(request.params.id) ?? '');
    return message(request, reply, '1 items deleted');
  });

  async function list(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    const query = queryOf(request, MONITOR_ATTRIBUTES);
    return sendPage(request, reply, NAME, await listMonitors(app, request.wsCaller, query), query);
  }

  async function create(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    const outcomes: Part[] = [];
    const elements = elementsOf(request, NAME);
    for (const fields of elements) {
      try {
        outcomes.push(['location', `${NAME}/${await createMonitor(app, request.wsCaller, fields)}`]);
      } catch (error) {
        // Of one alone, the failure is the answer.
        if (elements.length === 1) throw error;
        const failure = toDomainError(error as DomainError);
        if (failure.kind === 'internal' || failure.kind === 'unavailable') throw error;
        outcomes.push(['error', wordsOf(request, failure)]);
      }
    }
    const locations = outcomes.flatMap(([name, text]) => (name === 'location' ? [String(text)] : []));
    if (locations[0] !== undefined) reply.header('location', `/ws/${locations[0]}`);
    return send(request, reply.code(statusOf(locations.length, outcomes.length)), {
      json: jsonOf(outcomes),
      parts: outcomes,
    });
  }

  async function change(request: FastifyRequest, reply: FastifyReply, id?: string): Promise<FastifyReply> {
    const elements = elementsOf(request, NAME);
    const [fields] = elements as [Fields];
    const named = id ?? fields.get('monId')?.trim();
    if (elements.length > 1 || named === undefined || named === '')
      throw new DomainError('invalid', 'badBody', 'Send one monitor, with its id in the path or in monId.');
    await changeMonitor(app, request.wsCaller, named, fields);
    return message(request, reply, '1 items updated');
  }
}

/** Created; of several, some (Multi-Status), or none. */
const statusOf = (made: number, asked: number): number => (made === asked ? 201 : made > 0 ? 207 : 400);

/** `{"location":["Monitor/17"]}`, and `error` where something went wrong. */
function jsonOf(outcomes: readonly Part[]): Record<string, unknown[]> {
  const json: Record<string, unknown[]> = {};
  for (const [name, text] of outcomes) json[name] = [...(json[name] ?? []), text];
  return json;
}

const message = (request: FastifyRequest, reply: FastifyReply, text: string): FastifyReply =>
  send(request, reply, { json: { message: text }, parts: [['message', text]] });
