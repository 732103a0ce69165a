import type { FastifyInstance, FastifyRequest } from 'fastify';
import { DomainError, notFound } from '#core/errors.js';
import { integer, parametersOf } from '../query.js';

const MAX_SIZE = 1000;

/** `/ws/v1/monitors/history/{id}`: what a monitor’s topics mean, page by page, for clients that poll. */
export function historyRoutes(app: FastifyInstance): void {
  app.get<{ Params: { id: string } }>('/v1/monitors/history/:id', async (request, reply) => {
    const id = /^\d{1,10}$/.test(request.params.id) ? Number(request.params.id) : Number.NaN;
    const monitor = id <= 2_147_483_647 ? await app.monitors.find(request.wsCaller.userId, id) : undefined;
    if (monitor === undefined) throw notFound(`Monitor ${request.params.id.slice(0, 20)}`);
    const query = historyQuery(request);
    const start = query.start ?? monitor.createdAt;
    const page = await app.monitors.history(monitor, { ...query, start });
    const cursor = cursorOf(page.place);
    const times = {
      start_time: start.toISOString(),
      ...(query.end === undefined ? {} : { end_time: query.end.toISOString() }),
    };
    const next = new URLSearchParams({ ...times, size: String(query.limit), cursor });
    const head = {
      count: page.messages.length,
      size: query.limit,
      ...times,
      cursor,
      ...(page.more ? { next_uri: `/ws/v1/monitors/history/${id}?${next}` } : {}),
    };
    // Messages are JSON already.
    const list = page.messages.map(({ json }) => json).join(',');
    return reply
      .type('application/json')
      .serializer(String)
      .send(`${JSON.stringify(head).slice(0, -1)},"list":[${list}]}`);
  });
}

/** @throws invalid, naming what is wrong */
function historyQuery(request: FastifyRequest) {
  const text = parametersOf(request);
  return {
    start: timeOf(text('start_time'), 'start_time'),
    end: timeOf(text('end_time'), 'end_time'),
    after: placeOf(text('cursor')),
    limit: integer(text('size'), 'size', { min: 1, max: MAX_SIZE, preset: MAX_SIZE }),
  };
}

const ISO_8601 = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:?\d\d)$/;

/** ISO 8601, or milliseconds since 1970. */
function timeOf(text: string | undefined, path: string): Date | undefined {
  if (text === undefined || text === '') return undefined;
  const time = new Date(/^\d{1,14}$/.test(text) ? Number(text) : ISO_8601.test(text) ? text : Number.NaN);
  // PostgreSQL knows no year 0.
  if (Number.isNaN(time.getTime()) || time.getUTCFullYear() < 1)
    throw wrong(path, 'is a time such as 2026-01-31T12:00:00Z, or milliseconds since 1970');
  return time;
}

/** A cursor is a place in the log; clients hand it back as it is. */
const cursorOf = (place: number): string => Buffer.from(String(place)).toString('base64url');

function placeOf(cursor: string | undefined): number | undefined {
  if (cursor === undefined || cursor === '') return undefined;
  const place = Buffer.from(cursor, 'base64url').toString();
  if (!/^(0|[1-9]\d{0,15})$/.test(place) || !Number.isSafeInteger(Number(place)))
    throw wrong('cursor', 'is taken from an earlier answer as it is');
  return Number(place);
}

const wrong = (path: string, what: string): DomainError =>
  new DomainError('invalid', 'invalidRequest', `${path} ${what}.`, {
    errors: [{ path, message: `${path} ${what}` }],
  });
