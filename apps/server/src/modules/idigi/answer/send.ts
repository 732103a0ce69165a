import { escapeXmlAscii, xmlElement } from '@polyrelay/codecs/xml';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Item } from './item.js';

/** Everything else is written as a character reference, so that it is true of every answer. */
const DECLARATION = '<?xml version="1.0" encoding="ISO-8859-1"?>';
const XML_TYPE = 'application/xml; charset=ISO-8859-1';

/** Whether an answer is JSON: asked for by the end of the path, or by `Accept`. XML else. */
export function wantsJson({ url, headers: { accept = '' } }: FastifyRequest): boolean {
  const path = url.split('?', 1)[0] ?? '';
  if (/\.json\/?$/i.test(path)) return true;
  if (/\.xml\/?$/i.test(path)) return false;
  const json = accept.search(/\bjson\b/i);
  const xml = accept.search(/\bxml\b/i);
  return json >= 0 && (xml < 0 || json < xml);
}

/** An element of an answer: its name, and its text or what it holds. */
export type Part = readonly [name: string, value: string | Item];

/** Answers with the parts in a `<result>`; in JSON `json` instead. */
export function send(
  request: FastifyRequest,
  reply: FastifyReply,
  answer: { json: unknown; parts: readonly Part[] },
): FastifyReply {
  const isJson = wantsJson(request);
  const text = isJson
    ? JSON.stringify(answer.json)
    : `${DECLARATION}<result>${answer.parts.map(([name, value]) => xmlOf(name, value)).join('')}</result>`;
  return reply.type(typeOf(isJson)).serializer(String).send(text);
}

/** Answers with texts of one kind: `{"error":["…"]}`, `<result><error>…</error></result>`. */
export const sendTexts = (
  request: FastifyRequest,
  reply: FastifyReply,
  name: string,
  texts: string[],
): FastifyReply =>
  send(request, reply, { json: { [name]: texts }, parts: texts.map((text) => [name, text] as const) });

/** A list as it is sent, piece by piece: what stands before its items, and then each of them. */
export async function* piecesOf(
  isJson: boolean,
  head: Record<string, string>,
  name: string,
  items: AsyncIterable<Item>,
): AsyncGenerator<string> {
  if (!isJson) {
    yield `${DECLARATION}<result>${Object.entries(head)
      .map(([key, value]) => xmlOf(key, value))
      .join('')}`;
    for await (const item of items) yield xmlOf(name, item);
    yield '</result>';
    return;
  }
  yield `${JSON.stringify(head).slice(0, -1)},"items":[`;
  let separator = '';
  for await (const item of items) {
    yield separator + JSON.stringify(item);
    separator = ',';
  }
  yield ']}';
}

/** The media type of an answer. */
export const typeOf = (isJson: boolean): string => (isJson ? 'application/json' : XML_TYPE);

const xmlOf = (name: string, value: string | Item): string => xmlElement(name, value, escapeXmlAscii);
