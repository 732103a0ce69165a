import { dataStream, idOfConnectware } from '@polyrelay/codecs/push-resource';
import type { FastifyInstance } from 'fastify';
import { DomainError } from '#core/errors.js';
import { type Attributes, type Item, itemOf, type Page } from '../answer/item.js';
import { pageOf } from '../answer/page.js';
import type { Caller } from '../caller.js';
import type { Query } from '../query.js';
import { pointOf, readingOf } from './points.js';

type Drivers = Awaited<ReturnType<FastifyInstance['nodeServers']['drivers']>>['drivers'];

/** A driver with its value, as the module of node servers gives it. */
export type Driver = Drivers[number];

/** What conditions on streams may name. */
export const STREAM_ATTRIBUTES: Attributes = {
  streamId: 'text',
  cstId: 'number',
  dataType: 'text',
  units: 'text',
  description: 'text',
};

/** A condition looks at so many streams. */
const MAX_LOOKED_AT = 50_000;

const SECONDS_A_DAY = 86_400;

/** All streams, or those below a name (`{device}`, `{device}/{node}`). */
export async function listStreams(
  app: FastifyInstance,
  caller: Caller,
  query: Query,
  below?: string,
): Promise<Page> {
  const filter = below === undefined ? {} : filterOf(below);
  if (filter === undefined) throw noSuchStream(below);
  const isPlain = query.condition === undefined && query.order === undefined;
  const part = isPlain ? { offset: query.start, limit: query.size } : { offset: 0, limit: MAX_LOOKED_AT };
  const { drivers, total } = await app.nodeServers.drivers(caller.userId, filter, part);
  if (below !== undefined && total === 0) throw noSuchStream(below);
  if (!isPlain && total > MAX_LOOKED_AT)
    throw new DomainError(
      'invalid',
      'tooMany',
      `There are more than ${MAX_LOOKED_AT} streams. Name a device: /ws/DataStream/{device}`,
    );
  const customerId = await app.monitors.resources.customerId(caller.userId);
  const items = drivers.map((driver) => streamOf(app, driver, customerId));
  return isPlain ? { items, total } : pageOf(items, query);
}

/** The driver that a stream is. @throws notFound */
export async function driverOf(app: FastifyInstance, caller: Caller, streamId: string): Promise<Driver> {
  const filter = filterOf(streamId);
  const { drivers } =
    filter?.driver === undefined
      ? { drivers: [] }
      : await app.nodeServers.drivers(caller.userId, filter, { offset: 0, limit: 1 });
  const [driver] = drivers;
  if (driver === undefined) throw noSuchStream(streamId);
  return driver;
}

function filterOf(
  name: string,
): { nodeServerId: string; address: string | undefined; driver: string | undefined } | undefined {
  const [device = '', address, driver, ...more] = name.replace(/^\/+|\/+$/g, '').split('/');
  const nodeServerId = idOfConnectware(device);
  return nodeServerId === undefined || more.length > 0 ? undefined : { nodeServerId, address, driver };
}

function streamOf(app: FastifyInstance, driver: Driver, customerId: number): Item {
  const reading = readingOf(driver, customerId);
  return {
    ...itemOf(dataStream(reading)),
    dataTtl: String(app.config.retentionDays.history * SECONDS_A_DAY),
    rollupTtl: '0',
    currentValue: pointOf(reading),
  };
}

const noSuchStream = (streamId = ''): DomainError =>
  new DomainError('notFound', 'notFound', `There is no stream ${streamId.slice(0, 200)}, or it is not yours`);
