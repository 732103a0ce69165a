import { PassThrough } from 'node:stream';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LineSplitter, MAX_LINE, readLines } from './lines.js';

function split(...chunks: (string | Buffer)[]): string[] {
  const lines: string[] = [];
  const splitter = new LineSplitter((line) => lines.push(line));
  for (const chunk of chunks) splitter.push(Buffer.from(chunk as string));
  splitter.end();
  return lines;
}

describe('output becomes lines', () => {
  test.each<[string, string, string[]]>([
    ['nothing', '', []],
    ['one without an end', 'a', ['a']],
    ['empty ones count', 'a\n\nb\n', ['a', '', 'b']],
    ['of Windows', 'a\r\nb\r\n', ['a', 'b']],
    ['written over, as progress bars are', 'start\n10%\r50%\r100%\ndone\n', ['start', '100%', 'done']],
    ['written over without an end', '10%\r50%\r', ['50%']],
    ['in colours', '\x1b[1;31mred\x1b[0m \x1b]0;title\x07plain\x1b(B\n', ['red plain']],
    ['with control characters', 'a\0b\x07\tc\n', ['ab\tc']],
    ['in any language', 'größe 温度 🌡\n', ['größe 温度 🌡']],
  ])('%s', (_name, text, lines) => {
    expect(split(text)).toEqual(lines);
  });

  test('what is not UTF-8 is shown as such, and harms no other line', () => {
    expect(split(Buffer.from([0x61, 0xff, 0xc3, 0x0a, 0x62, 0x0a]))).toEqual(['a\uFFFD\uFFFD', 'b']);
  });

  test('a line that is too long is cut and says how long it was', () => {
    expect(split(`${'x'.repeat(20_005)}\nnext\n`)).toEqual([
      `${'x'.repeat(MAX_LINE)} … (20005 characters)`,
      'next',
    ]);
    const piece = Buffer.alloc(1_000_000, 'y');
    expect(split(piece, piece, '\nnext\n')).toEqual([`${'y'.repeat(MAX_LINE)} … (2000000 bytes)`, 'next']);
  });

  test('the same ones, however the bytes come in pieces', () => {
    const part = fc.oneof(
      fc.constantFrom(
        '\n',
        '\r',
        '\r\n',
        '\x1b[31m',
        '\x1b',
        'é',
        '温',
        '🌡',
        'x'.repeat(17_000),
        'y'.repeat(70_000),
      ),
      fc.string({ unit: 'binary', maxLength: 20 }),
    );
    const bytes = fc.oneof(
      fc.array(part, { maxLength: 12 }).map((parts) => Buffer.from(parts.join(''))),
      fc.uint8Array({ maxLength: 200 }).map((array) => Buffer.from(array)),
    );
    fc.assert(
      fc.property(
        bytes,
        fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 8 }),
        (all, cuts) => {
          const at = [
            0,
            ...cuts.map((cut) => Math.floor(cut * all.length)).sort((a, b) => a - b),
            all.length,
          ];
          const pieces = at.slice(1).map((end, i) => all.subarray(at[i], end));
          expect(split(...pieces)).toEqual(split(all));
        },
      ),
      { numRuns: 500 },
    );
  });

  test('a stream in large pieces is read whole and in order, also what came with its end', async () => {
    const stream = new PassThrough();
    const lines: string[] = [];
    readLines(stream, (line) => lines.push(line));
    const all = Array.from({ length: 50_000 }, (_, i) => `line ${i}`);
    stream.write(`${all.slice(0, 30_000).join('\n')}\n`);
    stream.end(all.slice(30_000).join('\n'));
    await new Promise((resolve) => stream.once('close', resolve));
    expect(lines).toEqual(all);
  });
});
