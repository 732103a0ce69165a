import { readFileSync } from 'node:fs';
import { parseTopics, RESOURCES, topicMeans } from '@polyrelay/codecs/push-topic';
import { PushedEvent } from '@polyrelay/contract';
import { expect, test } from 'vitest';

const DOCUMENT = readFileSync(new URL('../../../../../../docs/monitors.md', import.meta.url), 'utf8');

test('the documented topics are topics', () => {
  const table = /\| topic \| means \|\n(.*?)\n\n/s.exec(DOCUMENT)?.[1] ?? '';
  const topics = table
    .split('\n')
    .slice(1)
    .flatMap((row) => [...(row.split('|')[1] ?? '').matchAll(/`([^`]+)`/g)].map(([, topic = '']) => topic));
  expect(topics.length).toBeGreaterThan(4);
  for (const topic of topics) expect(parseTopics(topic)).toHaveLength(1);
});

test('each resource has a message, whose topic means it', () => {
  const examples = [...DOCUMENT.matchAll(/\n```json\n(.*?)\n```/gs)].map(([, text = '']) => JSON.parse(text));
  const resources = examples.map((example) => {
    const message = example.Document?.Msg ?? example;
    const { topic, operation, group } = PushedEvent.pick({
      topic: true,
      operation: true,
      group: true,
      timestamp: true,
    }).parse(message);
    const [customer, resource = '', ...path] = topic.split('/');
    expect(message[resource]).toBeTypeOf('object');
    if (resource === 'Test') return resource;
    expect(Number(customer)).toBeGreaterThan(0);
    const [watched] = parseTopics(topic.slice(topic.indexOf('/') + 1));
    expect(watched && topicMeans(watched, { resource, path, operation, group })).toBe(true);
    return resource;
  });
  const untold = RESOURCES.filter((name) => !resources.includes(name));
  // The same without its data, in XML, and never made.
  expect(untold).toEqual(['FileDataCore', 'DataPoint', 'XbeeCore']);
});
