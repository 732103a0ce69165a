import { connectwareIdOf, fileNameOf } from '@polyrelay/codecs/push-resource';
import type { RecordedEvent } from '#core/events/types.js';

/** A node server or a thing, which has a number of its own in topics. */
export interface DeviceSource {
  kind: 'nodeServer' | 'thing';
  id: string;
  ownerId: string;
}

/** A fact that may still need the number of its device: then that comes first in its path. */
export interface Draft {
  resource: string;
  path: string[];
  operation: RecordedEvent['operation'];
  device?: DeviceSource;
  monitorId?: number;
}

type OwnedEvent = RecordedEvent & { ownerId: string };

/** Changes that come by themselves all the time and say nothing about a device. */
const QUIET = new Set(['lastSeenAt', 'noticeCount', 'nodeCount', 'installation', 'updateAvailable']);
/** What only the service itself, and the one who watches, are concerned with. */
const UNTOLD = new Set(['monitors', 'users']);
const NOTHING: Draft[] = [];

/** What an event of the log is for monitors (topics: `Event` of the contract), in the order of the places. */
export function draftsOf(event: RecordedEvent): Draft[] {
  if (event.ownerId === null) return NOTHING;
  const levels = event.topic.split('/');
  const [first = '', id = ''] = levels;
  if (UNTOLD.has(first)) return first === 'monitors' && levels[2] === 'test' ? [testOf(event, id)] : NOTHING;
  const drafts =
    first === 'nodeServers' || first === 'things' ? deviceDrafts(event as OwnedEvent, levels) : [];
  drafts.push({ resource: 'Event', path: levels, operation: event.operation });
  return drafts;
}

const testOf = ({ operation }: RecordedEvent, id: string): Draft => ({
  resource: 'Test',
  path: [id],
  operation,
  monitorId: Number(id),
});

function deviceDrafts(event: OwnedEvent, levels: string[]): Draft[] {
  const [kind, id = '', part, name = ''] = levels;
  if (part === undefined) return deviceOf(event, kind === 'things' ? 'thing' : 'nodeServer', id);
  if (kind === 'things') return part === 'messages' ? fileOf(event, id, levels) : [];
  if (part === 'notices' && levels.length === 4) {
    const path = [connectwareIdOf(id), name];
    return [{ resource: 'AlarmStatus', path, operation: event.operation }];
  }
  return part === 'nodes' && levels[4] === 'drivers' ? driverOf(id, name, levels[5] ?? '') : [];
}

function deviceOf(
  { operation, ownerId, payload }: OwnedEvent,
  kind: DeviceSource['kind'],
  id: string,
): Draft[] {
  if (operation === 'UPDATE' && Object.keys(payload).every((key) => QUIET.has(key))) return [];
  return [{ resource: 'DeviceCore', path: ['0'], operation, device: { kind, id, ownerId } }];
}

/** Only what things collected: what is sent to them is no file of theirs. */
function fileOf({ operation, payload }: OwnedEvent, thingId: string, levels: string[]): Draft[] {
  if (levels.length !== 4 || operation !== 'INSERTION' || payload.type !== 'egress') return [];
  const path = [`~%2F${connectwareIdOf(thingId)}`, fileNameOf(levels[3] ?? '')];
  return [
    { resource: 'FileData', path, operation },
    { resource: 'FileDataCore', path, operation },
  ];
}

function driverOf(nodeServerId: string, address: string, driver: string): Draft[] {
  const path = [connectwareIdOf(nodeServerId), address, driver];
  return [
    { resource: 'DataPoint', path, operation: 'INSERTION' },
    { resource: 'DataStream', path, operation: 'UPDATE' },
  ];
}
