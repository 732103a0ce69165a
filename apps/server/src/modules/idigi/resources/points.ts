import type { FastifyInstance } from 'fastify';
import type { Item } from '../answer/item.js';
import type { Driver } from './streams.js';

/** Which part of a stream’s history is asked for. */
export interface PointQuery {
  /** From a moment on, before another; in milliseconds. */
  from: number | undefined;
  to: number | undefined;
  descending: boolean;
  size: number;
  /** Where the page before ended: a time, and how many of that time were sent. */
  cursor: { at: number; skip: number } | undefined;
}

export interface PointPage {
  items: Item[];
  /** For the next page; undefined: nothing was found. */
  cursor: string | undefined;
}

/** Values that a driver had, as its history keeps them. */
export async function readPoints(
  app: FastifyInstance,
  driver: Driver,
  { from, to, descending, size, cursor }: PointQuery,
): Promise<PointPage> {
  const date = (time: number | undefined) => (time === undefined ? undefined : new Date(time));
  const begin = cursor === undefined || descending ? from : Math.max(from ?? cursor.at, cursor.at);
  // Up to the time of the cursor, that one included.
  const end = cursor === undefined || !descending ? to : Math.min(to ?? cursor.at + 1, cursor.at + 1);
  const samples = await app.nodeServers.samples(driver, {
    from: date(begin),
    to: date(end),
    order: descending ? 'DESC' : 'ASC',
    skip: cursor?.skip ?? 0,
    limit: size,
  });
  if (samples.length === 0 && cursor === undefined) return currentAlone(app, driver, { from, to });
  const places = samples.map(({ at }) => at);
  const last = places.at(-1);
  return {
    items: samples.map(({ at, value }) => pointOf(driver, at, String(value))),
    cursor: last === undefined ? undefined : cursorOf(last, places, cursor),
  };
}

/** A history holds numbers that were reported. Of a text, or a value that was declared alone, there is the present one. */
async function currentAlone(
  app: FastifyInstance,
  driver: Driver,
  { from, to }: Pick<PointQuery, 'from' | 'to'>,
): Promise<PointPage> {
  const at = driver.changedAt.getTime();
  const isAskedFor = at >= (from ?? at) && at < (to ?? at + 1);
  const range = { order: 'ASC', skip: 0, limit: 1 } as const;
  if (!isAskedFor || (await app.nodeServers.samples(driver, range)).length > 0)
    return { items: [], cursor: undefined };
  return { items: [currentPoint(driver)], cursor: `${at}.1` };
}

/** The value that a driver has. */
export const currentPoint = (driver: Driver): Item =>
  pointOf(driver, driver.changedAt.getTime(), String(driver.value));

function cursorOf(last: number, places: number[], before: PointQuery['cursor']): string {
  const same = places.filter((at) => at === last).length;
  const earlier = before?.at === last ? before.skip : 0;
  return `${last}.${same + earlier}`;
}

/** @returns undefined when it is none */
export function readCursor(text: string): PointQuery['cursor'] {
  const [, at, skip] = /^(\d{1,15})\.(\d{1,9})$/.exec(text) ?? [];
  return at === undefined ? undefined : { at: Number(at), skip: Number(skip) };
}

function pointOf(driver: Driver, at: number, data: string): Item {
  const iso = new Date(at).toISOString();
  return {
    id: `${driver.id}-${at}`,
    timestamp: String(at),
    timestampISO: iso,
    serverTimestamp: String(at),
    serverTimestampISO: iso,
    data,
    description: driver.nodeName,
    quality: '0',
  };
}
