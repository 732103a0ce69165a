import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Query } from '../query.js';
import { type Item, type Page, textOf } from './item.js';
import { send } from './send.js';

/** Answers with a part of a list. @param name of the elements in XML */
export function sendPage(
  request: FastifyRequest,
  reply: FastifyReply,
  name: string,
  page: Page,
  query: Pick<Query, 'start' | 'size'>,
): FastifyReply {
  const { items, total } = page;
  const head = headOf({ count: items.length, total }, query);
  return send(request, reply, {
    json: { ...head, items },
    parts: [...Object.entries(head), ...items.map((item) => [name, item] as const)],
  });
}

/** What stands before the items of a list. */
export const headOf = (
  { count, total }: { count: number; total: number },
  { start, size }: Pick<Query, 'start' | 'size'>,
): Record<string, string> => ({
  resultTotalRows: String(total),
  requestedStartRow: String(start),
  resultSize: String(count),
  requestedSize: String(size),
  remainingSize: String(Math.max(0, total - start - count)),
});

/** Answers with one element, as a list of one. */
export const sendOne = (
  request: FastifyRequest,
  reply: FastifyReply,
  name: string,
  item: Item,
): FastifyReply => sendPage(request, reply, name, { items: [item], total: 1 }, { start: 0, size: 1 });

/** The part of a whole list that a query asks for: what matches, in its order. */
export function pageOf(all: Item[], { matches, order, start, size }: Query): Page {
  const found = all.filter(matches);
  if (order !== undefined) sortBy(found, order);
  return { items: found.slice(start, start + size), total: found.length };
}

function sortBy(items: Item[], { attribute, type, descending }: NonNullable<Query['order']>): void {
  const sign = descending ? -1 : 1;
  const key = (item: Item): string | number => {
    const value = textOf(item, attribute) ?? '';
    return type === 'number' ? Number(value) : value;
  };
  items.sort((a, b) => {
    const [left, right] = [key(a), key(b)];
    return left === right ? 0 : left < right ? -sign : sign;
  });
}
