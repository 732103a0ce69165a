import { type Device, deviceCore, idOfConnectware } from '@polyrelay/codecs/push-resource';
import type { FastifyInstance } from 'fastify';
import { DomainError } from '#core/errors.js';
import { type Attributes, type Item, itemOf, type Page } from '../answer/item.js';
import { pageOf } from '../answer/page.js';
import type { Caller } from '../caller.js';
import { required } from '../condition/required.js';
import type { Query } from '../query.js';

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

/** The devices that a query asks for, by their numbers. */
export async function listDevices(app: FastifyInstance, caller: Caller, query: Query): Promise<Page> {
  const same = required(query.condition, 'devConnectwareId').find(({ operator }) => operator === '=');
  const id = same === undefined ? undefined : idOfConnectware(same.text);
  if (same !== undefined && id === undefined) return { items: [], total: 0 };
  return pageOf(await itemsOf(app, caller.userId, id), query);
}

/** One device, by its number or its `devConnectwareId`. @throws notFound */
export async function readDevice(app: FastifyInstance, caller: Caller, name: string): Promise<Item> {
  const id = idOfConnectware(name);
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
  const devices = await devicesOf(app, ownerId, id);
  const { resources } = app.monitors;
  const [customerId, numbers] = await Promise.all([
    resources.customerId(ownerId),
    resources.deviceIds(devices.map((device) => ({ kind: device.kind, id: device.id, ownerId }))),
  ]);
  return devices
    .map((device) => ({ device, number: numbers.get(device.id) ?? 0 }))
    .sort((a, b) => a.number - b.number)
    .map(({ device, number }) => itemOf(deviceCore(device, number, customerId)));
}

async function devicesOf(app: FastifyInstance, ownerId: string, id?: string): Promise<Device[]> {
  const [nodeServers, things] = await Promise.all([
    app.nodeServers.devices(ownerId, id),
    app.things.devices(ownerId, id),
  ]);
  return [...nodeServers, ...things];
}
