import { expect, test } from 'vitest';
import { factTopics, isFact } from './facts';

const message = (thing: string, type = 'egress', operation: 'INSERTION' | 'UPDATE' = 'INSERTION') => ({
  topic: `things/${thing}/messages/m1`,
  operation,
  payload: { type },
});
const value = (nodeServer: string, driver: string) => ({
  topic: `nodeServers/${nodeServer}/nodes/n001/drivers/${driver}`,
  operation: 'UPDATE' as const,
  payload: { value: 1 },
});

test('messages collected from the chosen things, not those sent to them', () => {
  const source = { kind: 'things' as const, things: ['a'] };
  expect(factTopics(source)).toEqual(['things/a/messages/+']);
  expect([message('a'), message('b'), message('a', 'ingress')].map((event) => isFact(event, source))).toEqual(
    [true, false, false],
  );
  expect(isFact(message('a', 'egress', 'UPDATE'), source)).toBe(false);
});

test('of many things all are listened to, and only theirs count', () => {
  const source = { kind: 'things' as const, things: Array.from({ length: 30 }, (_, i) => `t${i}`) };
  expect(factTopics(source)).toEqual(['things/+/messages/+']);
  expect([isFact(message('t29'), source), isFact(message('other'), source)]).toEqual([true, false]);
});

test('values of the chosen drivers', () => {
  const all = { kind: 'nodeServers' as const, nodeServers: 'all' as const, drivers: [] };
  expect(factTopics(all)).toEqual(['nodeServers/+/nodes/+/drivers/+']);
  expect(isFact(value('s', 'GV1'), all)).toBe(true);
  expect(isFact(value('s', 'GV1'), { ...all, drivers: ['ST'] })).toBe(false);
  expect(isFact(message('a'), all)).toBe(false);
});
