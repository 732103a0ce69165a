import { connectwareIdOf, idOfConnectware } from '@polyrelay/codecs/push-resource';
import type { PushTopic } from '@polyrelay/codecs/push-topic';
import { MAX_MONITOR_TOPIC, type Operation } from '@polyrelay/contract';

export type ResourceName = PushTopic['resource'];

/** What can be chosen; the others of the grammar stay as they are written. */
export const RESOURCES = [
  'DeviceCore',
  'DataPoint',
  'DataStream',
  'FileData',
  'FileDataCore',
  'AlarmStatus',
  'Event',
] as const satisfies ResourceName[];

export const OPERATIONS: readonly Operation[] = ['INSERTION', 'UPDATE', 'DELETION'];
const letters: Record<Operation, string> = { INSERTION: 'C', UPDATE: 'U', DELETION: 'D' };

/** One topic as the builder makes it. */
export type Built = Pick<PushTopic, 'resource' | 'path' | 'operations' | 'group'>;

/** A topic as it is written. */
export function topicText({ resource, path, operations, group }: Built): string {
  const isAll = operations === undefined || operations.size === OPERATIONS.length;
  const limit = isAll
    ? ''
    : `[${OPERATIONS.filter((each) => operations.has(each))
        .map((each) => letters[each])
        .join('')}]`;
  const option = group === undefined ? '' : `[group=${group}]`;
  return `${option}${resource}${limit}${path.length > 0 ? `/${path.join('/')}` : ''}`;
}

/** The text with another topic at a place; the others stay as they were written. */
export function withTopic(topics: readonly PushTopic[], at: number, built: Built | null): string {
  const texts: (string | null)[] = topics.map(({ text }) => text);
  texts[at] = built && topicText(built);
  return texts
    .filter((text) => text !== null)
    .join(',')
    .slice(0, MAX_MONITOR_TOPIC);
}

/** What kinds of devices a resource tells of. */
export const kindsOf: Record<ResourceName, readonly ('nodeServer' | 'thing')[]> = {
  DeviceCore: ['nodeServer', 'thing'],
  DataPoint: ['nodeServer'],
  DataStream: ['nodeServer'],
  FileData: ['thing'],
  FileDataCore: ['thing'],
  AlarmStatus: ['nodeServer'],
  Event: ['nodeServer', 'thing'],
  XbeeCore: [],
};

/** The id of a device that a topic names; undefined: it names none. Topics know no other case than upper. */
export const deviceIdOf = (text: string): string | undefined =>
  text === text.toUpperCase() ? idOfConnectware(text) : undefined;

/** Folder of a device’s files. */
const FOLDER = '~%2F';
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** The parts of the log that an `Event` topic can be limited to. */
export const eventKinds = ['nodeServers', 'things', 'channels', 'controllers'] as const;
export type EventKind = (typeof eventKinds)[number];

/** A topic’s path taken apart: the device, and what is below. */
export interface PathParts {
  /** First level of an `Event` topic; undefined: all. */
  kind: EventKind | undefined;
  /** Id (UUID) of the device, or its number (`DeviceCore`); undefined: all. */
  device: string | undefined;
  /** Levels below the device. */
  rest: string[];
}

/** Takes a path apart. */
export function partsOf({ resource, path }: Pick<Built, 'resource' | 'path'>): PathParts {
  if (resource === 'Event') {
    const kind = eventKinds.find((each) => each === path[0]);
    const device = path[1];
    if (kind === undefined) return { kind, device: undefined, rest: [...path] };
    if (device === undefined || device === '*') return { kind, device: undefined, rest: path.slice(2) };
    if (!UUID.test(device)) return { kind, device: undefined, rest: path.slice(1) };
    return { kind, device, rest: path.slice(2) };
  }
  const [first, ...rest] = path;
  if (first === undefined) return { kind: undefined, device: undefined, rest };
  if (first === '*') return { kind: undefined, device: undefined, rest };
  const device =
    resource === 'DeviceCore'
      ? /^\d+$/.exec(first)?.[0]
      : deviceIdOf(first.startsWith(FOLDER) ? first.slice(FOLDER.length) : first);
  return device === undefined
    ? { kind: undefined, device, rest: [...path] }
    : { kind: undefined, device, rest };
}

/** Puts a path together. `device` is a UUID; of `DeviceCore` the number of the device. */
export function pathOf(resource: ResourceName, { kind, device, rest }: PathParts): string[] {
  const below = rest.filter((level) => level !== '');
  if (resource === 'Event') {
    if (kind === undefined) return below;
    if (device !== undefined) return [kind, device, ...below];
    return below.length > 0 && hasDevices(kind) ? [kind, '*', ...below] : [kind, ...below];
  }
  if (device === undefined) return below.length > 0 ? ['*', ...below] : [];
  if (resource === 'DeviceCore') return [device, ...below];
  const id = connectwareIdOf(device);
  return [resource.startsWith('FileData') ? `${FOLDER}${id}` : id, ...below];
}

/** Whether what is below a part of the log is first a device. */
export const hasDevices = (kind: EventKind | undefined): boolean =>
  kind === 'nodeServers' || kind === 'things';

/** Live topics that tell that something may have happened which these topics match. */
export function liveTopicsOf(topics: readonly Built[]): string[] {
  const all = topics.flatMap((topic): string[] => {
    const { device } = partsOf(topic);
    const of = topic.resource === 'DeviceCore' ? '+' : (device ?? '+');
    switch (topic.resource) {
      case 'DeviceCore':
        return ['nodeServers/+', 'things/+'];
      case 'DataPoint':
      case 'DataStream':
        return [`nodeServers/${of}/nodes/+/drivers/+`];
      case 'FileData':
      case 'FileDataCore':
        return [`things/${of}/messages/+`];
      case 'AlarmStatus':
        return [`nodeServers/${of}/notices/+`];
      case 'Event':
        return [liveEvents(topic.path)];
      default:
        return [];
    }
  });
  return [...new Set(all)].sort();
}

/** MQTT’s wildcards for ours: everything at and below the path. */
function liveEvents(path: readonly string[]): string {
  const levels = path.map((level) => (level === '*' ? '+' : level));
  // What MQTT’s filters cannot say is listened to as a whole.
  return levels.some((level) => level !== '+' && /[+#,]/.test(level)) || levels.length === 0
    ? '#'
    : `${levels.join('/')}/#`;
}
