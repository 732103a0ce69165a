import type { Event } from '@polyrelay/contract';
import { expect, test } from 'vitest';
import { readEvents } from './read-events';

const event = (topic: string, operation: Event['operation'], payload: Event['payload']): Event => ({
  id: '1',
  topic,
  operation,
  group: '*',
  at: '2026-01-01T00:00:00.000Z',
  payload,
});
const came = {
  type: 'ingress',
  at: '2026-01-01T00:00:00.000Z',
  bytes: 2,
  preview: '{}',
  truncated: false,
  state: 'queued',
};

test('what came, changed and went is told apart', () => {
  const news = readEvents(
    [
      event('things/t/messages/m', 'INSERTION', came),
      event('things/t/messages/m', 'UPDATE', { state: 'sent', stateAt: '2026-01-01T00:00:01.000Z' }),
      event('things/t/messages', 'DELETION', { type: 'egress', to: '2026-01-01T00:00:00.000Z', deleted: 3 }),
    ],
    't',
  );
  expect(news.arrived).toEqual([{ ...came, id: 'm', thingId: 't', stateAt: came.at }]);
  expect(news.changes).toEqual([{ id: 'm', state: 'sent', stateAt: '2026-01-01T00:00:01.000Z' }]);
  expect(news.deletions).toEqual([{ type: 'egress', to: '2026-01-01T00:00:00.000Z' }]);
});

test('other things, other parts and what cannot be read do not concern it', () => {
  const news = readEvents(
    [
      event('things/other/messages/m', 'INSERTION', came),
      event('things/t', 'UPDATE', { connected: true }),
      event('things/t/messages/m', 'INSERTION', { ...came, type: 'sideways' }),
      event('nodeServers/t/messages/m', 'INSERTION', came),
    ],
    't',
  );
  expect(news).toEqual({ arrived: [], changes: [], deletions: [] });
});
