import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compileExpression, compileMask, ExpressionError, evaluateExpression } from './index.js';

const message = {
  'device.name': '123456789012345',
  ident: 'tracker-7',
  timestamp: 1490347944.893743,
  din: 9,
  altitude: 568.49,
  hdop: 0.9,
  speed: 10,
  'din.1': true,
  'engine-hours': 5,
  position: { latitude: 47.5 },
  accelerations: [1, 2],
  nothing: null,
  empty: '',
  star: 'a*b',
  zahl: '12',
};

describe('what flespi documents', () => {
  test.each([
    ['device.name == "12*45"', true],
    ['timestamp > 1490347940 && timestamp < 1490347950', true],
    ['(hdop < 1 && (din & 0x1)) || speed == 0', true],
    ['din & 0x2', false],
    ['if(altitude > -500 && altitude < 500, altitude, error())', false],
    ['if(altitude > -500 && altitude < 600, altitude, error())', true],
  ])('%s is %s', (text, expected) => expect(compileExpression(text)(message)).toBe(expected));
});

describe('matches', () => {
  test.each([
    'speed = 10',
    'speed <> 11',
    'speed != 11',
    "ident == 'tracker-?'",
    'ident != "car*"',
    'ident ~ "ack"',
    'ident ~ "a?k"',
    'ident ~ lower("ACK")',
    'star == "a\\*b"',
    'din.1',
    '`engine-hours` == 5',
    '$`engine-hours` + 1 == 6',
    'speed-1 == 9',
    'position.latitude > 47',
    'exists(speed)',
    'exists("accelerations")',
    '!exists(missing)',
    '$missing == null',
    'isnull($missing)',
    'nothing == null',
    'empty == ""',
    '!empty',
    '!0',
    'upper(ident) == "TRACKER-7"',
    'tonumber(zahl) + 1 == 13',
    'zahl == 12',
    'tostring(speed) == "10"',
    '1 + 2 * 3 == 7',
    '(1 + 2) * 3 == 9',
    '10 - 2 - 3 == 5',
    '-speed == 0 - 10',
    '7 % 4 == 3',
    '1 << 40 == 1099511627776',
    'speed == 1 || speed == 10',
    'TRUE',
    '"b" > "a"',
    'din & 0x1 == 1',
  ])('%s', (text) => expect(compileExpression(text)(message)).toBe(true));
});

describe('does not match: without a value there is none of the whole', () => {
  test.each([
    'missing == 1',
    'missing != 1',
    '!missing',
    'missing == 1 || speed == 10',
    'speed == 10 || missing == 1',
    'accelerations == 1',
    'accelerations',
    'speed / 0 == 1',
    '!(speed % 0)',
    'ident < 5',
    'ident * 2',
    'error()',
    'null',
    'false',
    'star == "a\\*c"',
    '__proto__',
    'constructor',
    'toString == null',
    'position.constructor',
    'position.__proto__.toString',
  ])('%s', (text) => expect(compileExpression(text)(message)).toBe(false));

  test('what the prototype has is no field', () => {
    expect(compileExpression('exists(constructor) || exists(position.toString)')(message)).toBe(false);
    expect(compileExpression('$constructor == null')(message)).toBe(true);
  });

  test('own fields with such names are fields', () => {
    const odd = JSON.parse('{"__proto__":5,"a":{"constructor":"x"}}') as Record<string, unknown>;
    expect(compileExpression('__proto__ == 5 && a.constructor == "x"')(odd)).toBe(true);
  });
});

describe('says what is wrong and where', () => {
  test.each([
    ['', 0, 'Write an expression'],
    ['speed >', 7, 'ends too early'],
    ['speed > > 1', 8, 'A value is missing before “>”'],
    ['speed 10', 6, 'An operator is missing before “10”'],
    ['(speed > 1', 0, 'never closed'],
    ['speed > 1)', 9, 'An operator is missing before “)”'],
    ['ident == "abc', 9, 'no closing quote'],
    ['speed # 1', 6, '“#” means nothing here'],
    ['a == 1.2.3', 5, 'not a number'],
    ['a == 12abc', 5, 'not a number'],
    ['1e999', 0, 'too great'],
    ['1 + eval("x")', 4, 'There is no function “eval”'],
    ['constructor()', 0, 'There is no function “constructor”'],
    ['lower()', 0, 'lower takes 1 argument, not 0'],
    ['exists(1)', 7, 'name of a field'],
    [`${'('.repeat(60)}1${')'.repeat(60)}`, 50, 'Nest at most'],
    [`${'!'.repeat(60)}1`, 50, 'Nest at most'],
    ['a'.repeat(1001), 1000, 'at most 1000'],
    ['a.b..c', 3, 'not a number'],
    ['a ? 1 : 2', 2, '“?” means nothing'],
    ['a[0]', 1, '“[” means nothing'],
  ])('%s', (text, position, words) => {
    const error = errorOf(text);
    expect(error).toMatchObject({ position });
    expect(error?.message).toContain(words);
  });
});

function errorOf(text: string): ExpressionError | undefined {
  try {
    compileExpression(text);
    return undefined;
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    return error;
  }
}

describe('whatever comes', () => {
  const word = fc.constantFrom(
    ...[
      'speed',
      '$x',
      'a.b',
      '1',
      '0x1f',
      '"a*"',
      "'?'",
      'true',
      'null',
      '(',
      ')',
      '!',
      '-',
      '==',
      '~',
      '<',
      '&&',
    ],
    ...[
      '||',
      '+',
      '/',
      '%',
      '&',
      '<<',
      'if(',
      'exists(',
      'lower(',
      ',',
      '*',
      '.',
      '"',
      '\\',
      '😀',
      '__proto__',
    ],
  );
  const text = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 200 }),
    fc.array(word, { maxLength: 60 }).map((words) => words.join(' ')),
    fc.array(word, { maxLength: 300 }).map((words) => words.join('')),
  );

  test('it compiles or says why not, and its test is a boolean', () => {
    fc.assert(
      fc.property(text, fc.dictionary(fc.string(), fc.jsonValue()), (source, fields) => {
        const error = errorOf(source);
        if (error !== undefined) {
          expect(error.position).toBeGreaterThanOrEqual(0);
          expect(error.position).toBeLessThanOrEqual(source.length);
          return;
        }
        expect(typeof compileExpression(source)(fields)).toBe('boolean');
        expect(typeof compileExpression(source)({ ...message, ...fields })).toBe('boolean');
      }),
      { numRuns: 3000 },
    );
  });

  test('comparisons of numbers are those of the numbers', () => {
    const number = fc.double({ noNaN: true, noDefaultInfinity: true });
    fc.assert(
      fc.property(number, number, (a, b) => {
        expect(compileExpression('a < b || a == b')({ a, b })).toBe(a <= b);
        expect(evaluateExpression('a - b')({ a, b })).toBe(Number.isFinite(a - b) ? a - b : undefined);
      }),
    );
  });

  test('a mask is what the regular expression would be', () => {
    const letters = fc.string({ unit: fc.constantFrom('a', 'b', '*', '?'), maxLength: 8 });
    const subject = fc.string({ unit: fc.constantFrom('a', 'b', '😀'), maxLength: 10 });
    fc.assert(
      fc.property(letters, subject, (mask, given) => {
        const same = new RegExp(`^${mask.replaceAll('*', '.*').replaceAll('?', '.')}$`, 'su');
        expect(compileMask(mask)(given)).toBe(same.test(given));
      }),
      { numRuns: 2000 },
    );
  });

  test('a nasty mask and a long text are done at once', () => {
    const nasty = compileExpression(`a == "${'*a'.repeat(480)}b"`);
    const begun = process.cpuUsage();
    expect(nasty({ a: 'a'.repeat(65_536) })).toBe(false);
    expect(process.cpuUsage(begun).user / 1000).toBeLessThan(2000);
    expect(nasty({ a: `${'a'.repeat(1_000_000)}b` })).toBe(false);
    const grows = compileExpression(`lower(${Array(100).fill('a').join('+')}) ~ "b"`);
    expect(grows({ a: 'a'.repeat(1_000_000) })).toBe(false);
  });
});
