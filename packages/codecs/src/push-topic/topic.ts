import type { Operation } from '@polyrelay/contract';

/** What a monitor can watch. `Event` is everything that is not one of the others, as the event log has it. */
export const RESOURCES = [
  'DeviceCore',
  'FileData',
  'FileDataCore',
  'DataPoint',
  'DataStream',
  'AlarmStatus',
  'XbeeCore',
  'Event',
] as const;
export type ResourceName = (typeof RESOURCES)[number];

/** What one topic of a monitor means: a resource, below a path, perhaps only some operations or one group. */
export interface PushTopic {
  resource: ResourceName;
  /** Levels; `*` is any one level. It means everything at and below it. */
  path: string[];
  /** Undefined: all. */
  operations: Set<Operation> | undefined;
  /** Undefined: any. */
  group: string | undefined;
  /** As it was written, without the blanks around it. */
  text: string;
}

/** What topics are held against. */
export interface TopicFact {
  resource: string;
  path: readonly string[];
  operation: Operation;
  group: string;
}

/** Whether a topic means a fact. {@link TopicIndex} answers the same for many monitors at once. */
export const topicMeans = (topic: PushTopic, fact: TopicFact): boolean =>
  topic.resource === fact.resource &&
  (topic.operations === undefined || topic.operations.has(fact.operation)) &&
  (topic.group === undefined || topic.group === fact.group) &&
  topic.path.length <= fact.path.length &&
  topic.path.every((level, i) => level === '*' || level === fact.path[i]);
