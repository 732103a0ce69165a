import {
  MAX_CHANNEL_BODY_BYTES,
  MAX_CHANNEL_MESSAGE_BYTES,
  MAX_CHANNEL_MESSAGE_DEPTH,
} from '@polyrelay/contract';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { DomainError } from '#core/errors.js';
import { parseMessages } from './messages.js';
import { splitList } from './split.js';

const failure = (body: string | Uint8Array): DomainError => {
  try {
    parseMessages(body);
  } catch (error) {
    return error as DomainError;
  }
  throw new Error('was taken');
};
const nested = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth);
const with_ = (more: string): string => `{"ident":"a","timestamp":1,${more}}`;

/** JSON with white space wherever it may be. */
function spaced(value: unknown, space: () => string): string {
  const around = (text: string): string => space() + text + space();
  if (Array.isArray(value))
    return around(`[${value.map((item) => spaced(item, space)).join(',') || space()}]`);
  if (typeof value !== 'object' || value === null) return around(JSON.stringify(value));
  const fields = Object.entries(value).map(
    ([key, inner]) => `${around(JSON.stringify(key))}:${spaced(inner, space)}`,
  );
  return around(`{${fields.join(',') || space()}}`);
}

describe('a list is split', () => {
  const space = fc.constantFrom('', '', '', ' ', '\n', '\t\r ');
  const values = fc.oneof(
    fc.array(fc.jsonValue({ maxDepth: 5 }), { maxLength: 8 }),
    fc.jsonValue({ maxDepth: 5 }),
    fc.array(fc.constantFrom('],[', '"', '\\', '\\"', '{,}', '\u2028', ''), { maxLength: 5 }),
  );

  test('into the texts of its items, however it is written', () => {
    fc.assert(
      fc.property(values, fc.array(space, { minLength: 1, maxLength: 20 }), (value, spaces) => {
        let n = 0;
        const json = spaced(value, () => spaces[n++ % spaces.length] ?? '');
        const { isList, pieces } = splitList(json);
        const texts = pieces.map(({ start, end }) => json.slice(start, end));
        const parsed: unknown = JSON.parse(json);
        expect(isList).toBe(Array.isArray(parsed));
        expect(texts.map((text) => JSON.parse(text))).toEqual(isList ? parsed : [parsed]);
        for (const text of texts) expect(text).toBe(text.replace(/^[ \n\r\t]+|[ \n\r\t]+$/g, ''));
      }),
      { numRuns: 500 },
    );
  });

  test('and says how deep each is', () => {
    expect(splitList(`[1, [2], {"a":[{}]}, "[[["]`).pieces.map(({ depth }) => depth)).toEqual([0, 1, 3, 0]);
  });
});

describe('messages', () => {
  test('keep their text and their digits', () => {
    const one = '{ "ident":"ü", "timestamp":1.50, "n":12345678901234567890, "n":2 }';
    const other = '{"timestamp":0,"ident":"b c"}';
    const taken = [
      { ident: 'ü', timestamp: 1.5, json: one, bytes: Buffer.byteLength(one) },
      { ident: 'b c', timestamp: 0, json: other, bytes: other.length },
    ];
    expect(parseMessages(`\n[ ${one} ,${other}]\t`)).toEqual(taken);
    expect(parseMessages(Buffer.from(` ${one}\n`))).toEqual(taken.slice(0, 1));
    expect(parseMessages(`[${one}]`)).toEqual(taken.slice(0, 1));
  });

  test.each([
    ['', 'notJson'],
    ['[{"ident":"a","timestamp":1},]', 'notJson'],
    ['{"ident":"a","timestamp":1}{}', 'notJson'],
    [new Uint8Array([0x22, 0xff, 0x22]), 'notUtf8'],
    ['[]', 'noMessages'],
    [with_('"x":"\\u0000"'), 'unstorableText'],
    [with_('"\\ud800":1'), 'unstorableText'],
    [with_('"x":"\ud800"'), 'unstorableText'],
    ['null', 'invalidMessages'],
    ['"text"', 'invalidMessages'],
    [`[${'['.repeat(100_000)}${']'.repeat(100_000)}]`, 'invalidMessages'],
    [' '.repeat(MAX_CHANNEL_BODY_BYTES + 1), 'bodyTooLarge'],
  ])('%# are refused', (body, code) => {
    expect(failure(body).code).toBe(code);
  });

  test('may be as long and as deep as it says', () => {
    const padding = (bytes: number): string => with_(`"x":"${'x'.repeat(bytes - with_('"x":""').length)}"`);
    expect(parseMessages(padding(MAX_CHANNEL_MESSAGE_BYTES))[0]?.bytes).toBe(MAX_CHANNEL_MESSAGE_BYTES);
    expect(failure(`[${padding(MAX_CHANNEL_MESSAGE_BYTES + 1)}]`).errors).toEqual([
      { path: '[0]', message: expect.stringContaining('1048577 bytes') },
    ]);
    const deep = (depth: number): string => `[${with_(`"x":${nested(depth - 1)}`)}]`;
    expect(parseMessages(deep(MAX_CHANNEL_MESSAGE_DEPTH))).toHaveLength(1);
    expect(failure(deep(MAX_CHANNEL_MESSAGE_DEPTH + 1)).errors?.[0]?.message).toMatch(/64 levels/);
  });

  test('that are wrong are all named by their place, and nothing of the batch is taken', () => {
    const wrong = [
      '{"ident":"good","timestamp":1}',
      '{"timestamp":1}',
      '{"ident":"a"}',
      '{"ident":"a/b","timestamp":-1}',
      '{"ident":"","timestamp":"1"}',
      `{"ident":"${'x'.repeat(257)}","timestamp":1e400}`,
      '{"ident":7,"timestamp":null}',
      '[]',
      '{"__proto__":{"ident":"a","timestamp":1}}',
    ];
    const { kind, errors, message } = failure(`[${wrong.join(',')}]`);
    expect(kind).toBe('invalid');
    expect(errors?.map(({ path }) => path)).toEqual([
      '[1].ident',
      '[2].timestamp',
      '[3].ident',
      '[3].timestamp',
      '[4].ident',
      '[4].timestamp',
      '[5].ident',
      '[5].timestamp',
      '[6].ident',
      '[6].timestamp',
      '[7]',
      '[8].ident',
      '[8].timestamp',
    ]);
    expect(message).toMatch(/^Nothing was added\. \[1\]\.ident: Is missing/);
    expect(failure('{"timestamp":1}').errors?.[0]?.path).toBe('ident');
  });

  test('of which too many are wrong are counted', () => {
    const { errors, message } = failure(JSON.stringify(Array.from({ length: 100 }, () => ({ ident: 'a' }))));
    expect(errors).toHaveLength(20);
    expect(message).toMatch(/; and 80 more$/);
  });
});
