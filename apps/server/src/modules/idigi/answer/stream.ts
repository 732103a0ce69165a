import { Readable } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Query } from '../query.js';
import type { Item } from './item.js';
import { headOf } from './page.js';
import { piecesOf, typeOf, wantsJson } from './send.js';

/** Answers with a part of a list whose items are made while they are sent: the whole of it may be large. */
export function sendStream(
  request: FastifyRequest,
  reply: FastifyReply,
  name: string,
  page: { items: AsyncIterable<Item>; count: number; total: number },
  query: Pick<Query, 'start' | 'size'>,
): FastifyReply {
  const isJson = wantsJson(request);
  const pieces = piecesOf(isJson, headOf(page, query), name, page.items);
  return reply.type(typeOf(isJson)).send(Readable.from(pieces, { objectMode: true, highWaterMark: 4 }));
}
