import { compileExpression } from '@polyrelay/codecs/expression';
import { expect, test } from 'vitest';
import { t } from '../../../strings';
import { withIdent } from './with-ident';

test.each(['tracker-1', 'a*b?', 'with "quotes"', 'back\\slash', 'ä 1'])('%s alone passes', (ident) => {
  const passes = compileExpression(withIdent(undefined, ident));
  expect([ident, `${ident}x`, `x${ident}`].map((each) => passes({ ident: each }))).toEqual([
    true,
    false,
    false,
  ]);
});

test('what was asked before still counts', () => {
  const filter = withIdent('speed > 5 || speed < 1', 'a');
  const passes = compileExpression(filter);
  const found = [
    { ident: 'a', speed: 6 },
    { ident: 'a', speed: 3 },
    { ident: 'b', speed: 6 },
  ].map(passes);
  expect(found).toEqual([true, false, false]);
  expect(withIdent(filter, 'b')).toBe('(speed > 5 || speed < 1) && ident == "b"');
  expect(withIdent(withIdent(undefined, 'a'), 'b')).toBe('ident == "b"');
});

test('the examples are expressions that some message matches', () => {
  const matching: Record<string, unknown> = {
    ident: 'tracker-1',
    'battery.level': 10,
    'position.speed': 60,
    'position.valid': true,
    alarm: 1,
  };
  const found = t.channels.filter.exampleList.map(({ text }) => compileExpression(text)(matching));
  expect(found).toEqual(found.map(() => true));
});
