import { describe, expect, test } from 'vitest';
import { flatten, identFrom, mapMessage, usableIdent } from './rules.js';

const message = { ident: 'a', timestamp: 1, 'position.latitude': 2, 'position.speed': 3, level: 4, id: 'b' };

describe('a rule', () => {
  test('keeps all without a list, and what the list names', () => {
    expect(mapMessage(message, { keep: [], rename: {} })).toEqual(message);
    expect(mapMessage(message, { keep: ['position.*'], rename: {} })).toEqual({
      ident: 'a',
      timestamp: 1,
      'position.latitude': 2,
      'position.speed': 3,
    });
    expect(mapMessage(message, { keep: ['level', 'nothing'], rename: {} })).toEqual({
      ident: 'a',
      timestamp: 1,
      level: 4,
    });
  });

  test('renames; the renamed field wins over one that has the name', () => {
    expect(mapMessage(message, { keep: ['level'], rename: { level: 'battery.level' } })).toEqual({
      ident: 'a',
      timestamp: 1,
      'battery.level': 4,
    });
    expect(mapMessage(message, { keep: [], rename: { level: 'id' } })).toMatchObject({ id: 4 });
  });

  test('takes an ident and a time of fields that can be one', () => {
    expect(mapMessage(message, { keep: [], rename: { id: 'ident', level: 'timestamp' } })).toMatchObject({
      ident: 'b',
      timestamp: 4,
    });
    const bad = { ...message, id: 'a/b', level: 'soon' };
    expect(mapMessage(bad, { keep: [], rename: { id: 'ident', level: 'timestamp' } })).toMatchObject({
      ident: 'a',
      timestamp: 1,
    });
    // The fields that a rule cannot take away.
    expect(mapMessage(message, { keep: ['level'], rename: { ident: 'x', timestamp: 'y' } })).toEqual({
      ident: 'a',
      timestamp: 1,
      level: 4,
    });
  });
});

test('fields get dotted names; lists stay, and bare values have a name', () => {
  expect(flatten({ a: { b: { c: 1 }, d: [1, { e: 2 }] }, f: null })).toEqual({
    'a.b.c': 1,
    'a.d': [1, { e: 2 }],
    f: null,
  });
  expect(flatten(21.5)).toEqual({ value: 21.5 });
  expect(flatten([1])).toEqual({ value: [1] });
  expect(flatten({ __proto__: null, a: 1 })).toEqual({ a: 1 });
});

test('names that would be longer than the value by far are refused', () => {
  const inner = Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`f${i}`, i]));
  expect(() => flatten({ ['long'.repeat(100)]: inner }, 10_000)).toThrow(RangeError);
  expect(Object.keys(flatten({ ['long'.repeat(100)]: inner }, 50_000))).toHaveLength(100);
});

test('any text can be made an ident', () => {
  expect(identFrom('Sensors #1/+\u0007.node')).toBe('Sensors _1___.node');
  for (const text of ['', '#', '😀'.repeat(500), 'a\ud800b'])
    expect(usableIdent(identFrom(text)), text).toBeDefined();
  // As long as a posted one may be, counted in the same way.
  expect(usableIdent('😀'.repeat(128))).toBeDefined();
  expect(usableIdent('😀'.repeat(129))).toBeUndefined();
});
