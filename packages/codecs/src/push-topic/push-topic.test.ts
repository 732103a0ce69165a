import { Operation } from '@polyrelay/contract';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type PushTopic, parseTopics, RESOURCES, TopicError, TopicIndex, topicMeans } from './index.js';

const refusal = (text: string): { message: string; position: number } => {
  try {
    parseTopics(text);
  } catch (error) {
    if (error instanceof TopicError) return { message: error.message, position: error.position };
    throw error;
  }
  throw new Error(`${text} was accepted`);
};

describe('the grammar', () => {
  test.each<[string, Partial<PushTopic>]>([
    ['DeviceCore', { resource: 'DeviceCore', path: [], operations: undefined, group: undefined }],
    ['DeviceCore/', { path: [] }],
    ['DeviceCore/7201/0', { path: ['7201', '0'] }],
    ['FileData/~%2FA', { resource: 'FileData', path: ['~%2FA'] }],
    ['DataPoint/*/n1/ST', { path: ['*', 'n1', 'ST'] }],
    ['DeviceCore[U]', { operations: new Set(['UPDATE']) }],
    ['DeviceCore[cud]/1', { operations: new Set(Operation.options), path: ['1'] }],
    ['[operation=INSERTION,DELETION]XbeeCore', { operations: new Set(['INSERTION', 'DELETION']) }],
    ['[operation=C, u]DataStream', { operations: new Set(['INSERTION', 'UPDATE']) }],
    ['[group=roof]Event', { resource: 'Event', group: 'roof' }],
    ['[group=*]Event', { group: undefined }],
    ['[group=a][operation=D]AlarmStatus/x', { group: 'a', operations: new Set(['DELETION']), path: ['x'] }],
    ['[operation=C,U,group=a]FileDataCore', { group: 'a', operations: new Set(['INSERTION', 'UPDATE']) }],
  ])('reads %s', (text, meant) => {
    expect(parseTopics(text)).toMatchObject([{ ...meant, text }]);
  });

  test('separates topics at the commas outside of brackets', () => {
    expect(parseTopics(' DeviceCore , [operation=C,U]FileData,DataPoint').map(({ text }) => text)).toEqual([
      'DeviceCore',
      '[operation=C,U]FileData',
      'DataPoint',
    ]);
  });

  test.each([
    ['', 0, 'missing'],
    ['DeviceCore,', 11, 'missing'],
    ['DeviceCore,, DataPoint', 11, 'missing'],
    ['DataPoint, devicecore', 11, 'no resource “devicecore”'],
    ['DeviceCore x', 0, 'no resource'],
    ['/DeviceCore', 0, 'missing'],
    ['[group=a]', 9, 'missing'],
    ['DeviceCore[X]', 11, 'Operations'],
    ['DeviceCore[UX]', 12, 'Operations'],
    ['DeviceCore[]', 11, 'Operations'],
    ['[operation=UPDATE,GONE]DeviceCore', 18, 'Operations'],
    ['[operation=C]DeviceCore[U]', 24, 'twice'],
    ['[group=a][group=b]DeviceCore', 16, 'twice'],
    ['[group=]DeviceCore', 7, 'group'],
    ['[colour=red]DeviceCore', 1, 'Options'],
    ['[]DeviceCore', 1, 'Options'],
    ['DeviceCore[U', 10, 'without'],
    ['DeviceCore]', 10, 'without'],
    ['DeviceCore[[U]]', 11, 'within'],
    ['DeviceCore[U]x', 13, '“/”'],
    ['DeviceCore/a//b', 13, 'empty'],
    ['DeviceCore//', 11, 'empty'],
    ['DataPoint/a*/b', 11, 'whole level'],
    ['DataPoint/a\u0007', 11, 'control'],
    ['DataPoint/[a]', 10, 'brackets'],
    [`Event/${'x'.repeat(2000)}`, 2000, '2000 characters'],
    [Array.from({ length: 51 }, () => 'Event').join(','), 300, '50 topics'],
  ])('refuses %j at %i', (text, position, words) => {
    const told = refusal(text);
    expect(told.message).toContain(words);
    expect(told.position).toBe(position);
  });

  test('whatever the text, it is read or refused by position', () => {
    const pieces = fc.constantFrom(
      ...['[', ']', ',', '/', '*', '=', 'group', 'operation', 'C', 'U', 'D', 'UPDATE', ' ', '\0'],
      ...RESOURCES,
    );
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.array(pieces, { maxLength: 12 }).map((all) => all.join('')),
    );
    fc.assert(
      fc.property(text, (given) => {
        try {
          for (const topic of parseTopics(given)) expect(given).toContain(topic.text);
        } catch (error) {
          if (!(error instanceof TopicError)) throw error;
          expect(error.position).toBeGreaterThanOrEqual(0);
          expect(error.position).toBeLessThanOrEqual(given.length);
        }
      }),
      { numRuns: 1000 },
    );
  });
});

describe('the index', () => {
  const level = fc.constantFrom('a', 'b', 'c');
  const topics = fc
    .array(
      fc.record({
        options: fc.constantFrom('', '[group=g]', '[operation=C,U]', '[group=h][operation=DELETION]'),
        resource: fc.constantFrom('Event', 'DataPoint'),
        path: fc.array(fc.oneof(level, fc.constant('*')), { maxLength: 4 }),
      }),
      { minLength: 1, maxLength: 4 },
    )
    .map((all) =>
      parseTopics(
        all.map(({ options, resource, path }) => options + [resource, ...path].join('/')).join(','),
      ),
    );
  const owner = fc.constantFrom('one', 'two');
  const fact = fc.record({
    ownerId: owner,
    resource: fc.constantFrom('Event', 'DataPoint', 'FileData'),
    path: fc.array(level, { maxLength: 5 }),
    operation: fc.constantFrom(...Operation.options),
    group: fc.constantFrom('*', 'g', 'h'),
  });
  const monitors = fc.array(fc.record({ owner, topics, stays: fc.boolean() }), { maxLength: 12 });

  test('agrees with each topic by itself, also when some are gone again', () => {
    fc.assert(
      fc.property(monitors, fc.array(fact, { minLength: 1, maxLength: 10 }), (all, facts) => {
        const index = new TopicIndex<number>();
        all.forEach((one, i) => void index.add(one.owner, one.topics, i));
        all.forEach((one, i) => void (one.stays || index.remove(one.owner, one.topics, i)));
        for (const given of facts) {
          const means = (one: (typeof all)[number]): boolean =>
            one.stays && one.owner === given.ownerId && one.topics.some((topic) => topicMeans(topic, given));
          const expected = all.flatMap((one, i) => (means(one) ? [i] : []));
          expect(index.match(given).sort((a, b) => a - b)).toEqual(expected);
        }
        for (const id of ['one', 'two'])
          expect(index.hasOwner(id)).toBe(all.some((one) => one.stays && one.owner === id));
      }),
      { numRuns: 500 },
    );
  });

  test('a look-up costs the same with ten thousand that watch something else', () => {
    const visits = (others: number): number => {
      let read = 0;
      const index = new TopicIndex<number>();
      for (let i = 0; i < others; i++) index.add('one', parseTopics(`DataPoint/other${i}/*/ST`), i);
      index.add('one', parseTopics('DataPoint/mine'), -1);
      const path = new Proxy(['mine', 'n1', 'ST'], {
        get: (target, key) => {
          read++;
          return Reflect.get(target, key);
        },
      });
      expect(
        index.match({ ownerId: 'one', resource: 'DataPoint', path, operation: 'UPDATE', group: '*' }),
      ).toEqual([-1]);
      return read;
    };
    expect(visits(10_000)).toBe(visits(10));
  });
});
