import { MonitorId, MonitorSettings } from '@polyrelay/contract';
import type { FastifyInstance } from 'fastify';
import { DomainError } from '#core/errors.js';
import type { Attributes, Item, Page } from '../answer/item.js';
import { pageOf } from '../answer/page.js';
import type { Fields } from '../bodies.js';
import type { Caller } from '../caller.js';
import { required } from '../condition/required.js';
import type { Query } from '../query.js';
import { inFields, settingsOf } from './monitor-fields.js';

/** A monitor, and how it does. */
type Monitor = Awaited<ReturnType<FastifyInstance['monitors']['list']>>[number];

/** What conditions on monitors may name. */
export const MONITOR_ATTRIBUTES: Attributes = {
  monId: 'number',
  cstId: 'number',
  monTopic: 'text',
  monTransportType: 'text',
  monFormatType: 'text',
  monBatchSize: 'number',
  monBatchDuration: 'number',
  monCompression: 'text',
  monAckOption: 'text',
  monAutoReplayOnConnect: 'text',
  monDescription: 'text',
  monSchemaType: 'text',
  monTransportUrl: 'text',
  monTransportMethod: 'text',
  monConnectTimeout: 'number',
  monResponseTimeout: 'number',
  monStatus: 'text',
  monLastConnect: 'date',
  monLastSent: 'date',
};

/** Makes a monitor. @returns its id @throws invalid */
export async function createMonitor(app: FastifyInstance, caller: Caller, fields: Fields): Promise<number> {
  const settings = settingsOf(fields);
  if (settings.topic === undefined)
    throw new DomainError('invalid', 'invalidMonitor', 'Invalid monTopic specified: it is missing');
  return named(async () => (await app.monitors.create(caller, MonitorSettings.parse(settings))).id);
}

/** Changes what is given. @throws notFound, invalid */
export const changeMonitor = (
  app: FastifyInstance,
  caller: Caller,
  id: string,
  fields: Fields,
): Promise<unknown> => named(() => app.monitors.change(caller, idOf(id), settingsOf(fields)));

/** @throws notFound */
export const removeMonitor = (app: FastifyInstance, caller: Caller, id: string): Promise<void> =>
  app.monitors.remove(caller, idOf(id));

/** @throws notFound */
export async function readMonitor(app: FastifyInstance, caller: Caller, id: string): Promise<Item> {
  const [monitor] = await app.monitors.list(caller.userId, { id: idOf(id) });
  if (monitor === undefined) throw noSuchMonitor(id);
  return itemOf(monitor, await app.monitors.resources.customerId(caller.userId));
}

/** The monitors that a query asks for. */
export async function listMonitors(app: FastifyInstance, caller: Caller, query: Query): Promise<Page> {
  const same = (attribute: string) =>
    required(query.condition, attribute).find(({ operator }) => operator === '=');
  // Clients look for their monitor by its topics or its id: of many, one is read.
  const id = same('monId')?.number;
  if (id !== undefined && !isId(id)) return { items: [], total: 0 };
  const found = await app.monitors.list(caller.userId, { id, topic: same('monTopic')?.text });
  const customerId = await app.monitors.resources.customerId(caller.userId);
  return pageOf(
    found.map((monitor) => itemOf(monitor, customerId)),
    query,
  );
}

function itemOf(monitor: Monitor, customerId: number): Item {
  const isHttp = monitor.transportType === 'http';
  return {
    monId: String(monitor.id),
    cstId: String(customerId),
    monTopic: monitor.topic,
    monTransportType: monitor.transportType,
    monFormatType: monitor.formatType,
    monBatchSize: String(monitor.batchSize),
    monBatchDuration: String(monitor.batchDuration),
    monCompression: monitor.compression,
    monAckOption: monitor.ackOption,
    monAutoReplayOnConnect: String(monitor.autoReplayOnConnect),
    monDescription: monitor.description === '' ? undefined : monitor.description,
    monSchemaType: monitor.schemaType ?? undefined,
    monSchemaData: monitor.schemaType === null ? undefined : monitor.schemaData,
    ...(isHttp ? httpFields(monitor) : {}),
    monStatus: monitor.status,
    monLastConnect: monitor.lastConnect?.toISOString(),
    monLastSent: monitor.lastSent?.toISOString(),
  };
}

/** Without the token, which is never shown. */
function httpFields(monitor: Monitor): Item {
  const headers = Object.entries(monitor.transportHeaders).map(([name, value]) => `${name}: ${value}`);
  return {
    monTransportUrl: monitor.transportUrl,
    monTransportMethod: monitor.transportMethod,
    monTransportHeaders: headers.length === 0 ? undefined : headers.join('\n'),
    monConnectTimeout: String(monitor.connectTimeout),
    monResponseTimeout: String(monitor.responseTimeout),
  };
}

async function named<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw inFields(error);
  }
}

const isId = (id: number): boolean => MonitorId.safeParse(id).success;

/** The id in a path. @throws notFound: what is no number is the id of no monitor */
function idOf(text: string): number {
  const id = /^\d{1,10}$/.test(text) ? Number(text) : 0;
  if (!isId(id)) throw noSuchMonitor(text);
  return id;
}

/** A monitor of the caller, for what is read by its topics. @throws notFound */
export async function findMonitor(app: FastifyInstance, caller: Caller, id: string) {
  const monitor = await app.monitors.find(caller.userId, idOf(id));
  if (monitor === undefined) throw noSuchMonitor(id);
  return monitor;
}

const noSuchMonitor = (id: string): DomainError =>
  new DomainError('notFound', 'notFound', `There is no monitor ${id.slice(0, 50)}, or it is not yours`);
