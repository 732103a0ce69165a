import type { FastifyInstance, FastifyRequest } from 'fastify';
import { type Part, send } from '../answer/send.js';
import { integer, parametersOf, timeParameter, wrong } from '../query.js';
import { type PointQuery, readCursor, readPoints } from '../resources/points.js';
import { driverOf } from '../resources/streams.js';
import { nameOf } from './element.js';

const NAME = 'DataPoint';
const MAX_SIZE = 1000;

/** `/ws/DataPoint/{streamId}`: the history of a driver. */
export function pointRoutes(app: FastifyInstance): void {
  app.get<{ Params: { '*': string } }>('/DataPoint/*', { schema: { hide: true } }, async (request, reply) => {
    const query = pointQueryOf(request);
    const driver = await driverOf(app, request.wsCaller, nameOf(request.params['*']) ?? '');
    const customerId = await app.monitors.resources.customerId(request.wsCaller.userId);
    const { items, cursor } = await readPoints(app, driver, customerId, query);
    const head = {
      resultSize: String(items.length),
      requestedSize: String(query.size),
      ...(cursor === undefined ? {} : { pageCursor: cursor }),
    };
    return send(request, reply, {
      json: { ...head, items },
      parts: [...Object.entries(head), ...items.map((item): Part => [NAME, item])],
    });
  });
}

/** @throws invalid, naming what is wrong */
function pointQueryOf(request: FastifyRequest): PointQuery {
  const text = parametersOf(request);
  for (const name of ['rollupInterval', 'rollupMethod'])
    if (text(name) !== undefined) throw wrong(name, 'is not offered here. Read the points, and sum them up');
  const timeline = text('timeline');
  if (timeline !== undefined && !/^(?:client|server)$/i.test(timeline))
    throw wrong('timeline', 'is client or server');
  const order = text('order') ?? 'ascending';
  if (!/^(?:asc|desc)(?:ending)?$/i.test(order)) throw wrong('order', 'is ascending or descending');
  const written = text('pageCursor');
  // A published client sends the cursor of an empty page as Python’s nothing.
  const isNone = written === undefined || written === '' || written === 'None';
  const cursor = isNone ? undefined : readCursor(written);
  if (!isNone && cursor === undefined) throw wrong('pageCursor', 'comes from the page before');
  return {
    from: timeParameter(text('startTime'), 'startTime'),
    to: timeParameter(text('endTime'), 'endTime'),
    descending: /^desc/i.test(order),
    size: Math.min(MAX_SIZE, integer(text('size'), 'size', { min: 1, max: 1_000_000, preset: MAX_SIZE })),
    cursor,
  };
}
