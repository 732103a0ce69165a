import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { TopicFilters, topicMatches } from './events.js';

/** MQTT 3.1.1 section 4.7, as a regular expression. */
function reference(filter: string, topic: string): boolean {
  const escaped = (level: string): string => level.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
  const levels = filter.split('/').map((level) => (level === '+' ? '[^/]*' : escaped(level)));
  // “sport/#” also matches the parent level “sport”.
  const pattern = levels.at(-1) === '#' ? `${levels.slice(0, -1).join('/')}(?:/.*)?` : levels.join('/');
  return filter === '#' || new RegExp(`^${pattern}$`, 's').test(topic);
}

/** Few words, so that filters and topics meet often. */
const level = fc.constantFrom('a', 'b', 'nodeServers', '.', '*', '(x)');
const topic = fc.array(level, { minLength: 1, maxLength: 5 }).map((levels) => levels.join('/'));
const filter = fc
  .tuple(
    fc.array(fc.oneof(level, fc.constant('+')), { minLength: 1, maxLength: 5 }),
    fc.constantFrom('', '/#'),
  )
  .map(([levels, rest]) => levels.join('/') + rest);

describe('topicMatches', () => {
  test('is MQTT’s rule', () => {
    fc.assert(
      fc.property(fc.oneof(filter, fc.constant('#')), topic, (wanted, subject) => {
        expect(topicMatches(wanted, subject)).toBe(reference(wanted, subject));
      }),
      { numRuns: 5000 },
    );
  });

  test('a topic with any of its levels replaced by + still matches', () => {
    fc.assert(
      fc.property(topic, fc.infiniteStream(fc.boolean()), (subject, choices) => {
        const wanted = subject.split('/').map((word) => (choices.next().value ? '+' : word));
        expect(topicMatches(wanted.join('/'), subject)).toBe(true);
        expect(topicMatches(`${wanted.join('/')}/+`, subject)).toBe(false);
        expect(topicMatches([...wanted.slice(0, -1), '#'].join('/'), subject)).toBe(true);
      }),
    );
  });
});

describe('TopicFilters', () => {
  test('takes every filter there is, separated by commas', () => {
    fc.assert(
      fc.property(fc.array(filter, { maxLength: 10 }), (filters) => {
        expect(TopicFilters.parse(filters.join(' , '))).toEqual(filters);
      }),
    );
  });

  test.each(['a/#/b', 'a#', 'a+/b', '/a', 'a/', '##', '#/a', 'a//b'])('refuses %j', (text) => {
    expect(TopicFilters.safeParse(text).success).toBe(false);
  });

  test('refuses more than 50', () => {
    expect(TopicFilters.safeParse(Array(51).fill('a').join(',')).success).toBe(false);
  });
});
