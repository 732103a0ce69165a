import { parseXml, XmlElement, XmlText } from '@rgrove/parse-xml';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { escapeXml, escapeXmlAscii, xmlElement } from './write.js';

test('objects, lists, texts and nothing have one shape each', () => {
  const value = { topic: '1/Event', list: [1, { a: null }], none: [], 'not a name': true, left: undefined };
  expect(xmlElement('Msg', value)).toBe(
    '<Msg><topic>1/Event</topic><list>1</list><list><a/></list><none/><item name="not a name">true</item></Msg>',
  );
});

test('what XML cannot hold is replaced, whatever stands around it is kept', () => {
  expect(xmlElement('a', 'x\0\u0008\ud800y\ufffe\r\n\t]]>&"😀')).toBe(
    '<a>x\ufffd\ufffd\ufffdy\ufffd&#13;\n\t]]&gt;&amp;&quot;😀</a>',
  );
});

test('in ASCII the same is said with references', () => {
  expect(xmlElement('a', 'é\ufffe😀<', escapeXmlAscii)).toBe('<a>&#233;&#65533;&#128512;&lt;</a>');
});

test.each([
  ['as it is', escapeXml],
  ['in ASCII', escapeXmlAscii],
])('every text %s is read back as it was, as a name and as content', (_, write) => {
  const possible = fc
    .string({ unit: 'binary' })
    // biome-ignore lint/suspicious/noControlCharactersInRegex: XML cannot hold them
    .map((text) => text.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Cs}/gu, ''));
  fc.assert(
    fc.property(possible, possible, (key, text) => {
      const { root } = parseXml(xmlElement('a', { [`${key} `]: text }, write));
      const item = root?.children[0];
      if (!(item instanceof XmlElement)) throw new Error('no element');
      expect(item.attributes.name).toBe(`${key} `);
      expect(item.children.map((child) => (child instanceof XmlText ? child.text : '?')).join('')).toBe(text);
    }),
    { numRuns: 300 },
  );
});

test('any JSON makes XML that can be read, however deep', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 6 }), (value) => void parseXml(xmlElement('a', { value }))),
    { numRuns: 200 },
  );
  let deep: unknown = 'bottom';
  for (let i = 0; i < 2000; i++) deep = { deep };
  expect(parseXml(xmlElement('a', deep)).root?.text).toContain('bottom');
});
