import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compareVersions, updateOf } from './versions.js';

describe('comparing versions', () => {
  // Semantic Versioning 2.0 section 11, and what authors of node servers write.
  test.each([
    ['1.0.0', '2.0.0'],
    ['2.0.0', '2.1.0'],
    ['2.1.0', '2.1.1'],
    ['1.0.0-alpha', '1.0.0-alpha.1'],
    ['1.0.0-alpha.1', '1.0.0-alpha.beta'],
    ['1.0.0-beta.2', '1.0.0-beta.11'],
    ['1.0.0-rc.1', '1.0.0'],
    ['0.1.9', '0.1.36'],
    ['1.9', '1.10'],
    ['v2.3.0', '2.3.1'],
    ['2.3', 'V2.3.0.1'],
    ['3.0.2', '30'],
    ['1.99999999999999999998', '1.99999999999999999999'],
  ])('%s is older than %s', (a, b) => {
    expect(compareVersions(a, b)).toBeLessThan(0);
    expect(compareVersions(b, a)).toBeGreaterThan(0);
  });

  test.each([
    ['1.2', '1.2.0'],
    ['v1.2.0', '1.2'],
    ['1.02', '1.2'],
    ['1.2.0+build.7', '1.2.0'],
  ])('%s is the same as %s', (a, b) => expect(compareVersions(a, b) === 0).toBe(true));

  const number = fc.bigInt({ min: 0n, max: 10n ** 25n }).map(String);
  const version = fc
    .tuple(
      fc.constantFrom('', 'v'),
      fc.array(number, { minLength: 1, maxLength: 4 }),
      fc.constantFrom('', '-alpha', '-alpha.1', '-beta.2', '-rc.10', '-', '+7'),
    )
    .map(([v, parts, pre]) => v + parts.join('.') + pre);
  const anything = fc.oneof(
    version,
    version,
    fc.string({ maxLength: 12 }),
    fc.constantFrom('', '-', '.', '..', 'v', '+'),
  );
  const sign = (a: string, b: string) => Math.sign(compareVersions(a, b));

  test('is a total order over whatever was written', () => {
    fc.assert(
      fc.property(anything, anything, anything, (a, b, c) => {
        expect(sign(a, a) === 0).toBe(true);
        expect(sign(a, b) + sign(b, a)).toBe(0);
        const [x = '', y = '', z = ''] = [a, b, c].sort(compareVersions);
        expect(sign(x, y)).toBeLessThanOrEqual(0);
        expect(sign(y, z)).toBeLessThanOrEqual(0);
        expect(sign(x, z)).toBeLessThanOrEqual(0);
      }),
      { numRuns: 2000 },
    );
  });

  test('a higher number at any place is newer, however the rest looks', () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat(), { maxLength: 4 }),
        fc.nat(),
        fc.array(fc.nat(), { maxLength: 3 }),
        (head, n, tail) => {
          expect(compareVersions([...head, n, ...tail].join('.'), [...head, n + 1].join('.'))).toBeLessThan(
            0,
          );
        },
      ),
    );
  });
});

describe('an update', () => {
  const git = 'https://example.org/a.git';
  const of = (installed: string, listed: string, installedRef?: string, ref?: string) =>
    updateOf(
      { version: installed, source: { git, ...(installedRef === undefined ? {} : { ref: installedRef }) } },
      { version: listed, source: { git, ...(ref === undefined ? {} : { ref }) } },
    );

  test('is a newer version, with the branch or tag it is at', () => {
    expect(of('1.2.0', '1.10.0')).toEqual({ version: '1.10.0', ref: null });
    expect(of('1.2.0', '1.3.0', 'v1.2.0', 'v1.3.0')).toEqual({ version: '1.3.0', ref: 'v1.3.0' });
    expect(of('1.2.0', '1.3.0', 'main', 'main')).toEqual({ version: '1.3.0', ref: 'main' });
  });

  test('is none when the version is the same, older or unknown', () => {
    expect(of('1.2.0', 'v1.2')).toBeNull();
    expect(of('1.3.0', '1.2.0')).toBeNull();
    expect(of('', '1.2.0')).toBeNull();
    expect(of('1.2.0', 'newest')).toBeNull();
  });

  test('is none when the tag is installed already, whatever version its catalogue gives it', () => {
    expect(of('1.2.0', '1.3.0', 'v1.2.0', 'v1.2.0')).toBeNull();
  });
});
