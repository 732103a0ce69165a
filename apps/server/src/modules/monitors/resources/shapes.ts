import { unitOf } from '@polyrelay/codecs';
import { v5 as uuidOf } from 'uuid';
import type { RecordedEvent } from '#core/events/types.js';
import type { ResourceFact } from '../types.js';
import { connectwareIdOf } from './drafts.js';

/** What is known of a node server or a thing now. */
export interface Device {
  name: string;
  type: string;
  version: string;
  connected: boolean;
  lastConnected: Date | null;
  since: Date;
}

/** @param device undefined: it was deleted meanwhile */
export function deviceCore(
  { event, path, operation }: ResourceFact,
  cstId: number,
  device: Device | undefined,
): object {
  const [kind = '', id = ''] = event.topic.split('/');
  const { connected = device?.connected ?? false, name = device?.name ?? '' } = event.payload;
  const here = operation === 'UPDATE' && connected === true;
  const type = device?.type === '' ? undefined : device?.type;
  return {
    id: { devId: Number(path[0]), devVersion: 0 },
    devRecordStartDate: device?.since.toISOString(),
    devConnectwareId: connectwareIdOf(id),
    cstId,
    dpConnectionStatus: here ? 1 : 0,
    dpLastConnectTime: device?.lastConnected?.toISOString(),
    dpDescription: name,
    dpDeviceType: type ?? (kind === 'things' ? 'thing' : 'nodeServer'),
    dpFirmwareLevelDesc: device?.version === '' ? undefined : device?.version,
  };
}

/** @param text the message; undefined: it is not asked for, or was deleted meanwhile */
export function fileData({ event, resource }: ResourceFact, cstId: number, text: string | undefined): object {
  const [, thingId = '', , messageId = ''] = event.topic.split('/');
  const { bytes, at = event.at.toISOString() } = event.payload;
  const data = text === undefined ? undefined : Buffer.from(text);
  return {
    id: { fdPath: `~/${connectwareIdOf(thingId)}/`, fdName: `${messageId}.json` },
    cstId,
    fdType: 'file',
    fdContentType: 'application/json',
    fdSize: data?.length ?? bytes,
    fdCreatedDate: at,
    fdLastModifiedDate: at,
    fdData: resource === 'FileData' ? (data?.toString('base64') ?? '') : undefined,
  };
}

/** A driver’s new value. */
export function dataPoint(
  event: RecordedEvent,
  path: readonly string[],
  cstId: number,
  nodeName = '',
): object {
  const at = event.at.getTime();
  return {
    // The same whenever it is sent.
    id: uuidOf(String(event.id), event.ownerId ?? uuidOf.DNS),
    cstId,
    streamId: path.join('/'),
    streamUnits: unitsOf(event.payload.uom),
    timestamp: at,
    serverTimestamp: at,
    quality: 0,
    description: nodeName,
    data: String(event.payload.value ?? ''),
  };
}

/** The driver itself, with its new value. */
export function dataStream(
  event: RecordedEvent,
  path: readonly string[],
  cstId: number,
  nodeName = '',
): object {
  const point = dataPoint(event, path, cstId, nodeName);
  return {
    cstId,
    streamId: path.join('/'),
    dataType: typeOf(event.payload.value),
    units: unitsOf(event.payload.uom),
    description: nodeName,
    currentValue: point,
  };
}

/** @param text the notice; undefined: it is cleared, or was meanwhile */
export function alarmStatus({ event, path, operation }: ResourceFact, cstId: number, text = ''): object {
  return {
    id: { almsSourceEntityId: path[0], almsKey: path[1] },
    cstId,
    almsStatus: operation === 'DELETION' ? 0 : 1,
    almsTopic: path.join('/'),
    almsUpdateTime: event.at.toISOString(),
    almsPayload: text,
  };
}

/** The symbol of a unit of measure; where it has none its name. */
function unitsOf(uom: unknown): string {
  const { symbol, name } = unitOf(String(uom ?? ''));
  return symbol || (name === 'unknown' ? '' : name);
}

/** Workers send numbers as texts, too. */
function typeOf(value: unknown): string {
  const text = String(value);
  if (/^-?\d{1,9}$/.test(text)) return 'INTEGER';
  return text !== '' && Number.isFinite(Number(text)) ? 'DOUBLE' : 'STRING';
}
