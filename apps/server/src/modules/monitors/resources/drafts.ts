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

/** An id as devices are named on the wire: `XXXXXXXX-XXXXXXXX-XXXXXXXX-XXXXXXXX`. */
export const connectwareIdOf = (id: string): string => {
  const hex = id.replaceAll('-', '').toUpperCase();
  return `${hex.slice(0, 8)}-${hex.slice(8, 16)}-${hex.slice(16, 24)}-${hex.slice(24)}`;
};

/** The id that was named so; undefined: it is none. */
export const idOfConnectware = (text: string): string | undefined => {
  const hex = text.replaceAll('-', '').toLowerCase();
  return /^[0-9a-f]{32}$/.test(hex)
    ? `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
    : undefined;
};

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
  const path = [`~%2F${connectwareIdOf(thingId)}`, `${levels[3]}.json`];
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
