import { connectwareIdOf } from '@polyrelay/codecs/push-resource';
import { parseTopics, topicMeans } from '@polyrelay/codecs/push-topic';
import { TopicFilters } from '@polyrelay/contract';
import { expect, test } from 'vitest';
import { deviceIdOf, liveTopicsOf, partsOf, pathOf, topicText, withTopic } from './topics';

const ID = '0a1b2c3d-4e5f-4a6b-8c7d-8e9fa0b1c2d3';

test.each([
  'DeviceCore',
  'DeviceCore[U]/7201/0',
  '[group=roof]DataPoint[CU]',
  `DataPoint/${connectwareIdOf(ID)}/n1/ST`,
  `FileData/~%2F${connectwareIdOf(ID)}`,
  `Event/nodeServers/${ID}/nodes/*/drivers`,
  'Event/things/*/messages',
  'Event/channels',
  'AlarmStatus/*/battery',
])('%s is taken apart, and put together as it was', (text) => {
  const [topic] = parseTopics(text);
  if (!topic) throw new Error('no topic');
  expect(topicText({ ...topic, path: pathOf(topic.resource, partsOf(topic)) })).toBe(text);
});

test('a topic that is made of choices means what was chosen', () => {
  const path = pathOf('DataPoint', { kind: undefined, device: ID, rest: ['n1', ''] });
  const text = topicText({
    resource: 'DataPoint',
    path,
    operations: new Set(['INSERTION'] as const),
    group: undefined,
  });
  const [topic] = parseTopics(text);
  const fact = { resource: 'DataPoint', path: [connectwareIdOf(ID), 'n1', 'ST'], group: '*' };
  expect(topic && topicMeans(topic, { ...fact, operation: 'INSERTION' })).toBe(true);
  expect(topic && topicMeans(topic, { ...fact, operation: 'UPDATE' })).toBe(false);
});

test('a device of the whole is one whose id is known again', () => {
  expect(deviceIdOf(connectwareIdOf(ID))).toBe(ID);
  expect(deviceIdOf('garden')).toBeUndefined();
  const other = parseTopics('DataPoint/garden/n1')[0];
  expect(other && partsOf(other)).toEqual({ kind: undefined, device: undefined, rest: ['garden', 'n1'] });
});

test('one topic of several is changed, taken away or added; the others stay as they were written', () => {
  const topics = parseTopics('[operation=C,U]DataPoint , DeviceCore');
  const built = { resource: 'FileData', path: [], operations: undefined, group: undefined } as const;
  expect(withTopic(topics, 1, { ...built, path: [] })).toBe('[operation=C,U]DataPoint,FileData');
  expect(withTopic(topics, 0, null)).toBe('DeviceCore');
  expect(withTopic(topics, 2, { ...built, path: [] })).toBe('[operation=C,U]DataPoint,DeviceCore,FileData');
});

test('what is listened to are filters that the service takes', () => {
  const topics = parseTopics(
    `DeviceCore,DataPoint/${connectwareIdOf(ID)},FileData,AlarmStatus,Event/things/*/messages,Event,XbeeCore`,
  );
  const filters = liveTopicsOf(topics);
  expect(filters).toContain(`nodeServers/${ID}/nodes/+/drivers/+`);
  expect(filters).toContain('things/+/messages/#');
  expect(TopicFilters.parse(filters.join(','))).toEqual(filters);
  expect(TopicFilters.parse(liveTopicsOf(parseTopics('Event/a+b/c')).join(','))).toEqual(['#']);
});
