import { expect, test } from 'vitest';
import { documentOf, messagesOf } from './document.js';

const message = { topic: '1/DeviceCore/2/0', operation: 'UPDATE', DeviceCore: { dpConnectionStatus: '1' } };
const xml =
  '<topic>1/DeviceCore/2/0</topic><operation>UPDATE</operation><DeviceCore><dpConnectionStatus>1</dpConnectionStatus></DeviceCore>';

test('one event and several, in JSON and in XML, are the same list', () => {
  const json = (Msg: unknown) => messagesOf(documentOf(JSON.stringify({ Document: { Msg } }), 'json'));
  expect(json(message)).toEqual([message]);
  expect(json([message, message])).toEqual([message, message]);
  const head = '<?xml version="1.0" encoding="UTF-8"?>\n';
  const read = (inner: string) => messagesOf(documentOf(`${head}<Document>${inner}</Document>`, 'xml'));
  expect(read(`<Msg>${xml}</Msg>`)).toEqual([message]);
  expect(read(`<Msg>${xml}</Msg>\n<Msg>${xml}</Msg>`)).toEqual([message, message]);
});

test('text of XML is as it was written', () => {
  const text = '<a><b> &lt;x&gt; &#65; </b><c/><c><![CDATA[<raw>]]></c><__proto__>p</__proto__></a>';
  const document = documentOf(text, 'xml');
  expect(JSON.stringify(document)).toBe('{"a":{"b":" <x> A ","c":["","<raw>"],"__proto__":"p"}}');
});

test.each([
  ['a bomb', '<!DOCTYPE a [<!ENTITY x "y"><!ENTITY z "&x;&x;">]><a>&z;</a>'],
  ['an external entity', '<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>'],
  ['nested without end', `${'<a>'.repeat(100_000)}${'</a>'.repeat(100_000)}`],
  ['no XML', 'temperature 21'],
])('%s is no document', (_, text) => {
  expect(documentOf(text, 'xml')).toBeUndefined();
});

test('what a template makes is text, without events', () => {
  for (const text of [
    '21.5',
    '"a"',
    'null',
    '[1]',
    '{"Document":1}',
    '{"Document":{"Msg":[1,null]}}',
    'no JSON',
  ])
    expect(messagesOf(documentOf(text, 'json'))).toEqual([]);
});
