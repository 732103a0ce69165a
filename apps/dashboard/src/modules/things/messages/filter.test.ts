import type { MessageSummary } from '@polyrelay/contract';
import { expect, test } from 'vitest';
import { boundsOf, isMeant } from './filter';
import { filterOf, readMessagesSearch } from './search';

const NOW = Date.parse('2026-01-02T12:00:00.000Z');
const message: MessageSummary = {
  id: 'a',
  thingId: 'b',
  type: 'egress',
  at: '2026-01-02T11:30:00.000Z',
  bytes: 20,
  state: null,
  stateAt: null,
  preview: '{"Temperature":21.5}',
  truncated: false,
};

test.each([
  ['1h', { from: '2026-01-02T11:00:00.000Z' }],
  ['24h', { from: '2026-01-01T12:00:00.000Z' }],
  ['7d', { from: '2025-12-26T12:00:00.000Z' }],
  ['all', {}],
] as const)('%s in times', (range, bounds) => {
  expect(boundsOf({ range, from: 'ignored' }, NOW)).toEqual(bounds);
});

test('an own range may be open at either end', () => {
  const to = '2026-01-02T11:00:00.000Z';
  expect(boundsOf({ range: 'own', to }, NOW)).toEqual({ to });
});

test.each([
  ['of the other type', { type: 'ingress' as const }, {}, false],
  ['before the range', {}, { from: '2026-01-02T11:30:00.001Z' }, false],
  ['at its beginning', {}, { from: message.at }, true],
  ['at its end, which is outside', {}, { to: message.at }, false],
  ['with the text in any case', { text: 'tempera' }, {}, true],
  ['without the text', { text: 'humidity' }, {}, false],
])('a message %s', (_, filter, bounds, isWanted) => {
  expect(isMeant(message, filter, bounds)).toBe(isWanted);
});

test('the text may stand where the beginning of a long payload does not show it', () => {
  expect(isMeant({ ...message, truncated: true }, { text: 'humidity' }, {})).toBe('maybe');
});

test('an old link with what does not fit still opens', () => {
  const search = readMessagesSearch({
    type: 'other',
    range: '1y',
    from: 'yesterday',
    to: '2026-01-02',
    text: 5,
  });
  expect(search).toEqual({
    type: undefined,
    range: undefined,
    from: undefined,
    to: '2026-01-02T00:00:00.000Z',
    text: '5',
    message: undefined,
  });
  // Ends count in a range of one's own only.
  expect(filterOf(search)).toEqual({ type: undefined, text: '5', range: '24h' });
});
