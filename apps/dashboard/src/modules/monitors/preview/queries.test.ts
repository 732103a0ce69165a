import type { MonitorPreview, PushedEvent } from '@polyrelay/contract';
import { expect, test } from 'vitest';
import { MOST_KEPT, withNewer } from './queries';

const event = (eventId: string) => ({ eventId, topic: `1/Event/${eventId}` }) as PushedEvent;
const page = (last: string, ids: string[]): MonitorPreview => ({
  items: ids.map(event),
  last,
  lookedAt: ids.length,
});

test('what is new stands first, and where it was looked up to grows', () => {
  const known = withNewer(page('9', ['9', '8']), page('12', ['12']));
  expect(known.items.map(({ eventId }) => eventId)).toEqual(['12', '9', '8']);
  expect(known).toMatchObject({ last: '12', lookedAt: 3 });
  expect(withNewer(known, page('9', [])).last).toBe('12');
  expect(withNewer(page('99', []), page('100', [])).last).toBe('100');
});

test('only so many are kept', () => {
  const many = page(
    '1',
    Array.from({ length: MOST_KEPT }, (_, id) => String(id)),
  );
  expect(withNewer(many, page('2000', ['2000'])).items).toHaveLength(MOST_KEPT);
});
