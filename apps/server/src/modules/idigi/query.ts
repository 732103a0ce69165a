import type { FastifyRequest } from 'fastify';
import { DomainError } from '#core/errors.js';
import type { Attributes, AttributeType, Item } from './answer/item.js';
import { fits } from './condition/match.js';
import { type Condition, parseCondition, timeOf } from './condition/parse.js';

const DEFAULT_SIZE = 1000;
const MAX_SIZE = 1000;
const MAX_START = 2_147_483_647;

/** Which part of a list is asked for. */
export interface Query {
  start: number;
  size: number;
  condition: Condition | undefined;
  matches(item: Item): boolean;
  order: { attribute: string; type: AttributeType; descending: boolean } | undefined;
  /** `embed=true`: with the content. */
  embed: boolean;
}

/** Reads `start`, `size`, `condition`, `orderby`, `embed`. @throws invalid, naming what is wrong */
export function queryOf(request: FastifyRequest, attributes: Attributes): Query {
  const text = parametersOf(request);
  const written = text('condition');
  const condition =
    written === undefined || written.trim() === '' ? undefined : parseCondition(written, attributes);
  return {
    start: integer(text('start'), 'start', { min: 0, max: MAX_START, preset: 0 }),
    // More than a page holds is answered with a page: clients read the rest of it.
    size: Math.min(MAX_SIZE, integer(text('size'), 'size', { min: 1, max: MAX_START, preset: DEFAULT_SIZE })),
    condition,
    matches: (item) => condition === undefined || fits(condition, item),
    order: orderOf(text('orderby') ?? text('order'), attributes),
    embed: text('embed') === 'true',
  };
}

/** Parameters of the query by name, none of them twice. */
export function parametersOf({ query }: FastifyRequest): (name: string) => string | undefined {
  const values = query as Record<string, string | string[] | undefined>;
  return (name) => {
    const value = Object.hasOwn(values, name) ? values[name] : undefined;
    if (Array.isArray(value)) throw wrong(name, 'is given more than once');
    if (value !== undefined && /\0|\p{Surrogate}/u.test(value))
      throw wrong(name, 'holds a character that cannot be stored');
    return value;
  };
}

/** A whole number of the query. @throws invalid */
export function integer(
  text: string | undefined,
  name: string,
  { min, max, preset }: { min: number; max: number; preset: number },
): number {
  if (text === undefined || text === '') return preset;
  const number = /^\d{1,12}$/.test(text) ? Number(text) : Number.NaN;
  if (!(number >= min && number <= max)) throw wrong(name, `is a whole number from ${min} to ${max}`);
  return number;
}

/** A time of the query, in ms since 1970: ISO 8601, or that number. @throws invalid */
export function timeParameter(text: string | undefined, name: string): number | undefined {
  if (text === undefined || text === '') return undefined;
  const time = /^\d{1,14}$/.test(text) ? Number(text) : timeOf(text);
  if (time === undefined)
    throw wrong(name, 'is a time such as 2026-01-31T12:00:00Z, or milliseconds since 1970');
  return time;
}

function orderOf(text: string | undefined, attributes: Attributes): Query['order'] {
  if (text === undefined || text.trim() === '') return undefined;
  const [, attribute = '', direction = 'asc'] = /^\s*(\w+)(?:\s+(asc|desc))?\s*$/i.exec(text) ?? [];
  const type = Object.hasOwn(attributes, attribute) ? attributes[attribute] : undefined;
  if (type === undefined)
    throw wrong('orderby', `is one of ${Object.keys(attributes).join(', ')}, with “asc” or “desc” behind it`);
  return { attribute, type, descending: direction.toLowerCase() === 'desc' };
}

export const wrong = (name: string, what: string): DomainError =>
  new DomainError('invalid', 'badParameter', `Invalid ${name} specified: it ${what}`);
