import { MAX_MESSAGE_BYTES, MAX_MESSAGE_DEPTH } from '@polyrelay/contract';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkPayload, decodePayload } from './payload.js';

const codeOf = (work: () => unknown): string => {
  try {
    work();
    return 'taken';
  } catch (error) {
    return (error as { code?: string }).code ?? String(error);
  }
};
const nested = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth);

/** How deep a value is nested, with recursion: another way than the code under test. */
const depthOf = (value: unknown): number =>
  typeof value === 'object' && value !== null
    ? 1 + Math.max(0, ...Object.values(value).map((inner) => depthOf(inner)))
    : 0;

describe('a payload', () => {
  test('is any JSON, with its length in bytes', () => {
    for (const json of ['null', '1', '"ü"', ' {"a" : [1.0, 1e400]}\n', '"\\ud83d\\ude00"', '{"a":1,"a":2}'])
      expect(checkPayload(json)).toBe(Buffer.byteLength(json));
  });

  test.each([
    ['', 'notJson'],
    ['hello', 'notJson'],
    ['{"a":1', 'notJson'],
    ["{'a':1}", 'notJson'],
    ['NaN', 'notJson'],
    ['"a\u0000b"', 'notJson'],
    ['1 2', 'notJson'],
    ['"\\u0000"', 'unstorableText'],
    ['{"\\ud800":1}', 'unstorableText'],
    ['"\ud800"', 'unstorableText'],
    [nested(100), 'tooDeep'],
    ['['.repeat(MAX_MESSAGE_BYTES), 'tooDeep'],
    [`"${'x'.repeat(MAX_MESSAGE_BYTES - 1)}"`, 'messageTooLarge'],
    [`"${'ü'.repeat(MAX_MESSAGE_BYTES / 2)}"`, 'messageTooLarge'],
  ])('%# is refused', (json, code) => {
    expect(codeOf(() => checkPayload(json))).toBe(code);
  });

  test('may be just as long and as deep as it says', () => {
    expect(checkPayload(`"${'x'.repeat(MAX_MESSAGE_BYTES - 2)}"`)).toBe(MAX_MESSAGE_BYTES);
    expect(codeOf(() => checkPayload(nested(MAX_MESSAGE_DEPTH)))).toBe('taken');
    expect(codeOf(() => checkPayload(nested(MAX_MESSAGE_DEPTH + 1)))).toBe('tooDeep');
  });

  test('that is a value as JSON.stringify writes it is refused for its depth and characters alone', () => {
    const deep = fc.letrec((tie) => ({
      value: fc.oneof(
        { maxDepth: 80, depthSize: 40, withCrossShrink: true },
        fc.string({ unit: 'binary', maxLength: 5 }),
        fc.constantFrom('"[{\\', '\\"', '[[['),
        fc.array(tie('value'), { maxLength: 2 }),
        fc.dictionary(fc.string({ maxLength: 3 }), tie('value'), { maxKeys: 2 }),
      ),
    })).value;
    fc.assert(
      fc.property(
        fc.oneof(
          deep,
          fc.nat(90).map((depth) => JSON.parse(nested(depth || 1))),
        ),
        (value) => {
          const json = JSON.stringify(value);
          const holds = /(?<!\\)(?:\\\\)*\\u(?:0000|d[89a-f])/i.test(json);
          const wanted = depthOf(value) > MAX_MESSAGE_DEPTH ? 'tooDeep' : holds ? 'unstorableText' : 'taken';
          expect(codeOf(() => checkPayload(json))).toBe(wanted);
        },
      ),
      { numRuns: 100 },
    );
  });

  test('that is any text is taken exactly when it is JSON, and never fails otherwise', () => {
    const pieces = fc.constantFrom(
      '[',
      ']',
      '{',
      '}',
      '"',
      '\\',
      ',',
      ':',
      '1',
      'null',
      ' ',
      '\\u0041',
      'é',
      '\n',
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 12 }), (list) => {
        const json = list.join('');
        let isJson = true;
        try {
          JSON.parse(json);
        } catch {
          isJson = false;
        }
        expect(codeOf(() => checkPayload(json))).toBe(isJson ? 'taken' : 'notJson');
      }),
      { numRuns: 2000 },
    );
  });

  test('as bytes must be UTF-8, and is not decoded when it is too long', () => {
    expect(decodePayload(Buffer.from('"ü"'))).toBe('"ü"');
    expect(codeOf(() => decodePayload(Buffer.from([0x22, 0xff, 0x22])))).toBe('notUtf8');
    expect(codeOf(() => decodePayload(Buffer.from([0xed, 0xa0, 0x80])))).toBe('notUtf8');
    expect(codeOf(() => decodePayload(Buffer.alloc(MAX_MESSAGE_BYTES + 1)))).toBe('messageTooLarge');
  });
});
