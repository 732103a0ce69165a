import { compileExpression, ExpressionError } from '@polyrelay/codecs/expression';
import { MAX_READ_TIMEOUT_S, READ_BYTES, READ_COUNT } from '@polyrelay/contract';
import { DomainError } from '#core/errors.js';
import { parseJson } from '../bodies.js';
import { type Fields, readFields } from '../fields.js';
import type { Warnings } from '../warnings.js';

/** What both ways of reading share. */
interface Common {
  limitCount: number;
  limitSize: number;
  fields: Fields | undefined;
  filter: ((message: Record<string, unknown>) => boolean) | undefined;
}

/** On by key, as receivers read. */
export interface KeyQuery extends Common {
  kind: 'key';
  currKey: number;
  timeoutMs: number;
  delete: boolean;
}

/** A range of the messages' own times. */
export interface TimeQuery extends Common {
  kind: 'time';
  from?: number;
  to?: number;
  reverse: boolean;
}

type Data = Record<string, unknown>;

const OF_KEY = ['curr_key', 'timeout', 'delete'];
const OF_TIME = ['from', 'to', 'reverse'];
const KNOWN = new Set([...OF_KEY, ...OF_TIME, 'count', 'limit_count', 'limit_size', 'fields', 'filter']);

/**
 * Reads `data` of a call for messages. Limits out of bounds are cut, and it is said.
 * @throws invalid `notJson`, `badData`
 */
export function readQuery(text: unknown, warnings: Warnings): KeyQuery | TimeQuery {
  const data = readData(text);
  for (const name of Object.keys(data))
    if (!KNOWN.has(name)) warnings.add(`“${name.slice(0, 100)}” means nothing here and was ignored`);
  const common: Common = {
    limitCount: limit(data, data.count === undefined ? 'limit_count' : 'count', READ_COUNT, warnings),
    limitSize: limit(data, 'limit_size', READ_BYTES, warnings),
    fields: readFields(data.fields),
    filter: readFilter(data.filter),
  };
  const ofTime = OF_TIME.filter((name) => data[name] !== undefined);
  if (ofTime.length === 0) return { kind: 'key', ...common, ...readKeys(data, warnings) };
  const mixed = OF_KEY.filter((name) => data[name] !== undefined);
  if (mixed.length > 0)
    throw badData(
      `${mixed.join(', ')} cannot stand beside ${ofTime.join(', ')}: read on by key, or a range of times`,
    );
  return { kind: 'time', ...common, ...readTimes(data) };
}

/** Reads `data` of a query: an object in JSON. @throws invalid */
export function readData(text: unknown): Data {
  if (text === undefined || text === '') return {};
  if (typeof text !== 'string') throw badData('may be given once');
  const data = parseJson(text, 'data');
  if (typeof data !== 'object' || data === null || Array.isArray(data))
    throw badData('must be an object, such as {"curr_key":0}');
  return data as Data;
}

/** A key of a channel. @throws invalid */
export function readKey(data: Data, name: string): number {
  const key = data[name];
  if (typeof key === 'number' && Number.isInteger(key) && key >= 0) return key;
  throw badData(`“${name}” must be a whole number, 0 or more`);
}

function readKeys(data: Data, warnings: Warnings): Pick<KeyQuery, 'currKey' | 'timeoutMs' | 'delete'> {
  const seconds = data.timeout === undefined ? 0 : data.timeout;
  if (typeof seconds !== 'number') throw badData('“timeout” must be a number of seconds');
  return {
    currKey: data.curr_key === undefined ? 0 : readKey(data, 'curr_key'),
    timeoutMs: clamp('timeout', seconds, 0, MAX_READ_TIMEOUT_S, warnings) * 1000,
    delete: readBoolean(data, 'delete'),
  };
}

function readTimes(data: Data): Pick<TimeQuery, 'from' | 'to' | 'reverse'> {
  for (const name of ['from', 'to'])
    if (data[name] !== undefined && typeof data[name] !== 'number')
      throw badData(`“${name}” must be a number of seconds since 1970`);
  const { from, to } = data as { from?: number; to?: number };
  return {
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
    reverse: readBoolean(data, 'reverse'),
  };
}

function readBoolean(data: Data, name: string): boolean {
  const value = data[name] ?? false;
  if (typeof value !== 'boolean') throw badData(`“${name}” must be true or false`);
  return value;
}

function limit(
  data: Data,
  name: string,
  { default: usual, max }: { default: number; max: number },
  warnings: Warnings,
): number {
  const value = data[name] ?? usual;
  if (typeof value !== 'number' || !Number.isInteger(value))
    throw badData(`“${name}” must be a whole number`);
  return clamp(name, value, 1, max, warnings);
}

function clamp(name: string, value: number, min: number, max: number, warnings: Warnings): number {
  const cut = Math.min(Math.max(value, min), max);
  if (cut !== value) warnings.add(`“${name}” is ${min} to ${max}: ${cut} was taken instead of ${value}`);
  return cut;
}

function readFilter(filter: unknown): Common['filter'] {
  if (filter === undefined || filter === null || filter === '') return undefined;
  if (typeof filter !== 'string')
    throw badData('“filter” must be an expression, such as "battery.level < 20"');
  try {
    return compileExpression(filter);
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    throw badData(`“filter”: ${error.message}`, error);
  }
}

export const badData = (message: string, cause?: unknown): DomainError =>
  new DomainError('invalid', 'badData', `data: ${message}.`, { cause });
