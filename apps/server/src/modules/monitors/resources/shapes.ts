import { type Device, dataPoint, dataStream, deviceCore, fileData } from '@polyrelay/codecs/push-resource';
import { v5 as uuidOf } from 'uuid';
import type { RecordedEvent } from '#core/events/types.js';
import type { ResourceFact } from '../types.js';

/** @param device undefined: it was deleted meanwhile */
export function deviceContent(
  { event, path, operation }: ResourceFact,
  cstId: number,
  device: Device | undefined,
): object {
  const [things, id = ''] = event.topic.split('/');
  const { connected = device?.connected ?? false, name = device?.name ?? '' } = event.payload;
  const told = {
    kind: things === 'things' ? ('thing' as const) : ('nodeServer' as const),
    type: device?.type ?? '',
    version: device?.version ?? '',
    lastConnected: device?.lastConnected ?? null,
    since: device?.since,
    // As it was at this event, whatever has become of it.
    ...{ id, name: String(name), connected: operation === 'UPDATE' && connected === true },
  };
  return deviceCore(told, Number(path[0]), cstId);
}

/** @param text the message; undefined: it is not asked for, or was deleted meanwhile */
export function fileContent(
  { event, resource }: ResourceFact,
  customerId: number,
  text: string | undefined,
): object {
  const [, thingId = '', , messageId = ''] = event.topic.split('/');
  const { bytes, at = event.at.toISOString() } = event.payload;
  const data = text === undefined ? undefined : Buffer.from(text);
  const size = data?.length ?? Number(bytes);
  return {
    ...fileData({ thingId, messageId, customerId, size, at: String(at) }),
    fdData: resource === 'FileData' ? (data?.toString('base64') ?? '') : undefined,
  };
}

/** A driver’s new value, as `DataPoint` or `DataStream`. */
export function driverContent(
  { event, path, resource }: ResourceFact,
  customerId: number,
  nodeName = '',
): object {
  const reading = {
    // The same whenever it is sent, and another for each event: a value may come twice at one time.
    id: uuidOf(String(event.id), event.ownerId ?? uuidOf.DNS),
    ...{ customerId, nodeName, streamId: path.join('/') },
    ...{ value: event.payload.value, uom: event.payload.uom, at: event.at.getTime() },
  };
  return resource === 'DataPoint' ? dataPoint(reading) : dataStream(reading);
}

/** @param text the notice; undefined: it is cleared, or was meanwhile */
export function alarmContent({ event, path, operation }: ResourceFact, cstId: number, text = ''): object {
  return {
    id: { almsSourceEntityId: path[0], almsKey: path[1] },
    cstId,
    almsStatus: operation === 'DELETION' ? 0 : 1,
    almsTopic: path.join('/'),
    almsUpdateTime: event.at.toISOString(),
    almsPayload: text,
  };
}

/** A fact of the log as it is. Its names are in order: the database keeps another one than whoever recorded it. */
export const eventContent = ({ payload }: RecordedEvent): object => inOrder(payload) as object;

function inOrder(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inOrder);
  if (typeof value !== 'object' || value === null || value instanceof Date) return value;
  const names = Object.keys(value).sort();
  return Object.fromEntries(names.map((name) => [name, inOrder((value as Record<string, unknown>)[name])]));
}
