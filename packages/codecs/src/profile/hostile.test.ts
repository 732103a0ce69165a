import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { describeProfile, type ProfileFile } from './describe.js';
import { parseEditors } from './editors.js';
import { parseNls } from './nls.js';
import { parseNodedefs } from './nodedefs.js';
import { MAX_FILE_BYTES } from './text.js';
import { parseXml } from './xml.js';

/** Text that gets further into the parsers than arbitrary characters do. */
const xmlish = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        '<editors>',
        '<editor id="A">',
        '<range uom="25" subset="',
        '"/>',
        '</editor>',
        '<!--',
        '-->',
      ),
      fc.constantFrom(
        '<nodeDef id="',
        '<sts>',
        '<st id="ST" editor="',
        '&amp;',
        '&',
        '&#0;',
        '<![CDATA[',
        ']]>',
      ),
      fc.constantFrom(
        '<!DOCTYPE x [',
        ']>',
        '<?xml',
        '?>',
        '__proto__="1"',
        '<__proto__/>',
        '\u0000',
        '\r\n',
      ),
      fc.string(),
    ),
  )
  .map((parts) => parts.join(''));

describe('hostile and broken files', () => {
  it('never throw', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), xmlish), (text) => {
        for (const parse of [parseEditors, parseNodedefs, parseNls]) {
          expect(Array.isArray(parse(text).problems)).toBe(true);
        }
      }),
      { numRuns: 500 },
    );
    const content = fc.oneof(fc.uint8Array({ maxLength: 300 }), xmlish);
    const file = fc.record({
      type: fc.constantFrom<ProfileFile['type']>('nodedef', 'editor', 'nls'),
      filename: fc.string(),
      content,
    });
    fc.assert(fc.property(fc.array(file), (files) => void JSON.stringify(describeProfile(files))));
  });

  it.each([
    ['<a>\n<b>\n</a>', 'line 3: Missing end tag for element b'],
    ['<a x=1/>', 'line 1: Attribute value expected'],
    ['ND-A-NAME = an NLS file', 'no XML elements in the file'],
    ['<a>'.repeat(17) + '</a>'.repeat(17), 'elements are nested more than 16 deep'],
    ['<a>'.repeat(300_000), 'elements are nested more than 16 deep'],
    ['<!DOCTYPE a [<!ENTITY x "y">]><a b="&x;"/>', 'document type definitions are not accepted'],
    ['<!DOCTYPE a SYSTEM "file:///etc/passwd" []><a/>', 'document type definitions are not accepted'],
  ])('say what is wrong: %#', (text, problem) => {
    expect(parseXml(text)).toEqual({ problem });
  });

  it('may name a document type without a subset, and entities nobody defined', () => {
    const result = parseXml('<!DOCTYPE a SYSTEM "a.dtd"><a b="R&B &lol; &lt;&#176;"/>');
    expect('elements' in result && result.elements[0]?.attributes.get('b')).toBe('R&B &lol; <°');
  });

  it.each([
    ['comments', '<!--'],
    ['declarations', '<?xml'],
    ['document types', '<!DOCTYPE '],
    ['start tags', '<a '],
    ['end tags', '</a>'],
    ['elements', '<a/>'],
    ['ampersands', '&'],
    ['references', '&a;'],
    ['line ends', '\r\n'],
    ['hyphens', '-'],
    ['lines', '=\n'],
  ])('of 1 MiB of %s are read in bounded time', (_name, part) => {
    const text = part.repeat(Math.floor(MAX_FILE_BYTES / part.length));
    const started = process.cpuUsage();
    for (const parse of [parseEditors, parseNodedefs, parseNls]) {
      expect(parse(text).problems.length).toBeLessThanOrEqual(51);
    }
    expect(process.cpuUsage(started).user / 1000).toBeLessThan(5_000);
  });

  it('cannot grow: editors that would fill the description are left out', () => {
    const labels = Array.from({ length: 1000 }, (_, index) => `L-${index} = ${'label'.repeat(30)}`);
    const drivers = Array.from({ length: 20_000 }, (_, index) => `<st id="GV${index}" editor="E"/>`);
    const { nodedefs, problems } = describeProfile([
      { type: 'nls', filename: 'en_us.txt', content: labels.join('\n') },
      {
        type: 'editor',
        filename: 'e.xml',
        content: '<editor id="E"><range uom="25" subset="0-999" nls="L"/></editor>',
      },
      {
        type: 'nodedef',
        filename: 'n.xml',
        content: `<nodeDef id="N"><sts>${drivers.join('')}</sts></nodeDef>`,
      },
    ]);
    expect(problems).toEqual([
      {
        filename: 'n.xml',
        message: 'nodeDef "N": the profile lists too many values; its further editors are left out',
      },
    ]);
    expect(nodedefs.N?.drivers).toHaveLength(20_000);
    expect(JSON.stringify(nodedefs).length).toBeLessThan(8 * MAX_FILE_BYTES);
  });

  it('name at most 50 problems each', () => {
    const { problems } = parseEditors('<editor/>'.repeat(1000));
    expect(problems).toHaveLength(51);
    expect(problems.at(-1)).toBe('950 more problems are not listed');
  });
});
