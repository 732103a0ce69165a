import type { FastifyInstance, FastifyRequest } from 'fastify';
import { integer, parametersOf, timeParameter, wrong } from '../query.js';
import { findMonitor } from '../resources/monitors.js';

const MAX_SIZE = 1000;

/** `/ws/v1/monitors/history/{id}`: what a monitor’s topics mean, page by page, for clients that poll. */
export function historyRoutes(app: FastifyInstance): void {
  const schema = { summary: 'What a monitor would be sent, page by page, for clients that ask' };
  app.get<{ Params: { id: string } }>('/v1/monitors/history/:id', { schema }, async (request, reply) => {
    const monitor = await findMonitor(app, request.wsCaller, request.params.id);
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
      ...(page.more ? { next_uri: `/ws/v1/monitors/history/${monitor.id}?${next}` } : {}),
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
    start: dateOf(timeParameter(text('start_time'), 'start_time')),
    end: dateOf(timeParameter(text('end_time'), 'end_time')),
    after: placeOf(text('cursor')),
    limit: integer(text('size'), 'size', { min: 1, max: MAX_SIZE, preset: MAX_SIZE }),
  };
}

const dateOf = (time: number | undefined): Date | undefined =>
  time === undefined ? undefined : new Date(time);

/** A cursor is a place in the log; clients hand it back as it is. */
const cursorOf = (place: number): string => Buffer.from(String(place)).toString('base64url');

function placeOf(cursor: string | undefined): number | undefined {
  if (cursor === undefined || cursor === '') return undefined;
  const place = Buffer.from(cursor, 'base64url').toString();
  if (!/^(0|[1-9]\d{0,15})$/.test(place) || !Number.isSafeInteger(Number(place)))
    throw wrong('cursor', 'is taken from an earlier answer as it is');
  return Number(place);
}
