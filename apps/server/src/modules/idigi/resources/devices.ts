import type { FastifyInstance } from 'fastify';
import { DomainError } from '#core/errors.js';
import type { Attributes, Item, Page } from '../answer/item.js';
import { pageOf } from '../answer/page.js';
import type { Caller } from '../caller.js';
import { required } from '../condition/required.js';
import type { Query } from '../query.js';
import { connectwareIdOf, rootGroup, uuidOf } from './names.js';

/** What conditions on devices may name; `devMac` is no device’s. */
export const DEVICE_ATTRIBUTES: Attributes = {
  devId: 'number',
  devConnectwareId: 'text',
  devMac: 'text',
  devRecordStartDate: 'date',
  cstId: 'number',
  grpId: 'number',
  grpPath: 'text',
  dpConnectionStatus: 'number',
  dpLastConnectTime: 'date',
  dpDescription: 'text',
  dpDeviceType: 'text',
  dpFirmwareLevelDesc: 'text',
};

/** A node server or a thing. */
interface Source {
  kind: 'nodeServer' | 'thing';
  id: string;
  name: string;
  type: string;
  version: string;
  connected: boolean;
  lastConnected: Date | null;
  since: Date;
}

/** The devices that a query asks for, by their numbers. */
export async function listDevices(app: FastifyInstance, caller: Caller, query: Query): Promise<Page> {
  const same = required(query.condition, 'devConnectwareId').find(({ operator }) => operator === '=');
  const id = same === undefined ? undefined : uuidOf(same.text);
  if (same !== undefined && id === undefined) return { items: [], total: 0 };
  return pageOf(await itemsOf(app, caller.userId, id), query);
}

/** One device, by its number or its `devConnectwareId`. @throws notFound */
export async function readDevice(app: FastifyInstance, caller: Caller, name: string): Promise<Item> {
  const id = uuidOf(name);
  const items = await itemsOf(app, caller.userId, id);
  const found = id === undefined ? items.find((item) => (item.id as Item).devId === name) : items[0];
  if (found !== undefined) return found;
  throw new DomainError(
    'notFound',
    'notFound',
    `There is no device ${name.slice(0, 50)}, or it is not yours`,
  );
}

async function itemsOf(app: FastifyInstance, ownerId: string, id?: string): Promise<Item[]> {
  const sources = await sourcesOf(app, ownerId, id);
  const { resources } = app.monitors;
  const [customerId, numbers] = await Promise.all([
    resources.customerId(ownerId),
    resources.deviceIds(sources.map((source) => ({ kind: source.kind, id: source.id, ownerId }))),
  ]);
  return sources
    .map((source) => ({ source, number: numbers.get(source.id) ?? 0 }))
    .sort((a, b) => a.number - b.number)
    .map(({ source, number }) => itemOf(source, number, customerId));
}

async function sourcesOf(app: FastifyInstance, ownerId: string, id?: string): Promise<Source[]> {
  const [nodeServers, things] = await Promise.all([
    app.nodeServers.devices(ownerId, id),
    app.things.devices(ownerId, id),
  ]);
  return [
    ...nodeServers.map((one) => ({
      kind: 'nodeServer' as const,
      ...{ id: one.id, name: one.name, type: one.language, version: one.version, connected: one.connected },
      lastConnected: one.lastConnectedAt,
      since: one.timeAdded,
    })),
    ...things.map((one) => ({
      kind: 'thing' as const,
      ...{ id: one.id, name: one.name, type: one.type, version: '', connected: one.connected },
      lastConnected: one.lastSeenAt,
      since: one.createdAt,
    })),
  ];
}

function itemOf(source: Source, number: number, customerId: number): Item {
  const { grpId, grpPath } = rootGroup(customerId);
  return {
    id: { devId: String(number), devVersion: '0' },
    devRecordStartDate: source.since.toISOString(),
    devConnectwareId: connectwareIdOf(source.id),
    cstId: String(customerId),
    grpId,
    grpPath,
    dpConnectionStatus: source.connected ? '1' : '0',
    dpLastConnectTime: source.lastConnected?.toISOString(),
    dpDescription: source.name,
    dpDeviceType: source.type === '' ? source.kind : source.type,
    dpFirmwareLevelDesc: source.version === '' ? undefined : source.version,
  };
}
