import { describe, expect, test } from 'vitest';
import { flatten, mapMessage } from './rules.js';

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
