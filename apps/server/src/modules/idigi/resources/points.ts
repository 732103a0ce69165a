import { type DriverReading, dataPoint, streamIdOf } from '@polyrelay/codecs/push-resource';
import type { FastifyInstance } from 'fastify';
import { v5 as uuidOf } from 'uuid';
import { type Item, itemOf } from '../answer/item.js';
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
  customerId: number,
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
  if (samples.length === 0 && cursor === undefined)
    return currentAlone(app, driver, customerId, { from, to });
  const places = samples.map(({ at }) => at);
  const last = places.at(-1);
  return {
    items: samples.map((sample) => pointOf(readingOf(driver, customerId, sample))),
    cursor: last === undefined ? undefined : cursorOf(last, places, cursor),
  };
}

/** A history holds numbers that were reported. Of a text, or a value that was declared alone, there is the present one. */
async function currentAlone(
  app: FastifyInstance,
  driver: Driver,
  customerId: number,
  { from, to }: Pick<PointQuery, 'from' | 'to'>,
): Promise<PointPage> {
  const at = driver.changedAt.getTime();
  const isAskedFor = at >= (from ?? at) && at < (to ?? at + 1);
  const range = { order: 'ASC', skip: 0, limit: 1 } as const;
  if (!isAskedFor || (await app.nodeServers.samples(driver, range)).length > 0)
    return { items: [], cursor: undefined };
  return { items: [pointOf(readingOf(driver, customerId))], cursor: `${at}.1` };
}

/** A value of a driver; the one that it has, when none is given. */
export const readingOf = (
  driver: Driver,
  customerId: number,
  { at, value }: { at: number; value: unknown } = { at: driver.changedAt.getTime(), value: driver.value },
): DriverReading => ({
  id: uuidOf(`${driver.id}-${at}`, driver.nodeServerId),
  streamId: streamIdOf(driver),
  ...{ customerId, value, uom: driver.uom, nodeName: driver.nodeName, at },
});

/** As events have it, and its times in ISO 8601, which clients read here. */
export function pointOf(reading: DriverReading): Item {
  const iso = new Date(reading.at).toISOString();
  return { ...itemOf(dataPoint(reading)), timestampISO: iso, serverTimestampISO: iso };
}

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
