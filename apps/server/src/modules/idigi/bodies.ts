import { decodeXml, readXml, type XmlNode, XmlProblem } from '@polyrelay/codecs/xml';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { DomainError } from '#core/errors.js';
import { isDeeper, printable } from '#core/text.js';
import { refusedEncoding } from '#edges/http/encoding.js';

export const MAX_BODY_BYTES = 512 * 1024;

/** So many elements may stand in one body. */
const MAX_ELEMENTS = 100;
const MAX_JSON_DEPTH = 16;

/** The fields of one element, by name, as texts. */
export type Fields = ReadonlyMap<string, string>;

/** Keeps bodies as bytes, whatever they say they are: published clients send none, or say that XML is a form. */
export function keepBodies(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: MAX_BODY_BYTES }, (request, body, done) =>
    done(refusedEncoding(request) ?? null, body),
  );
}

/**
 * The elements of a body: `<Monitor>…</Monitor>`, several in a `<list>`, or the same as JSON.
 * @param name of an element
 * @throws invalid
 */
export function elementsOf({ body, headers }: FastifyRequest, name: string): Fields[] {
  if (!Buffer.isBuffer(body) || body.length === 0)
    throw invalid('emptyBody', `The body is empty. Send a <${name}> element.`);
  const type = headers['content-type'] ?? '';
  const isJson = /\bjson\b/i.test(type) || /^\s*[{[]/.test(body.subarray(0, 100).toString('utf8'));
  const found = isJson ? ofJson(body, name) : ofXml(body, charsetOf(type), name);
  if (found.length === 0 || found.length > MAX_ELEMENTS)
    throw invalid('badBody', `Send 1 to ${MAX_ELEMENTS} <${name}> elements in one call.`);
  return found;
}

const charsetOf = (type: string): string | undefined => /;\s*charset="?([\w.-]{1,40})/i.exec(type)?.[1];

function ofXml(body: Buffer, charset: string | undefined, name: string): Fields[] {
  let root: XmlNode;
  try {
    root = readXml(decodeXml(body, charset));
  } catch (error) {
    if (!(error instanceof XmlProblem)) throw error;
    throw invalid('badXml', `The body cannot be read as XML: ${printable(error.message)}`, error);
  }
  const elements = root.name === 'list' ? root.children : [root];
  return elements.map((element) => {
    if (element.name !== name)
      throw invalid('badBody', `The body holds <${element.name.slice(0, 50)}> where <${name}> is expected.`);
    return fieldsOf(
      element.children.map((child) => {
        if (child.children.length > 0)
          throw invalid('badBody', `<${child.name.slice(0, 50)}> holds elements where a text is expected.`);
        return [child.name, child.text] as const;
      }),
    );
  });
}

function ofJson(body: Buffer, name: string): Fields[] {
  const text = utf8Of(body);
  if (isDeeper(text, MAX_JSON_DEPTH))
    throw invalid('tooDeep', `The body is nested more than ${MAX_JSON_DEPTH} levels deep.`);
  const value = parseJson(text);
  const inner = isObject(value) && name in value ? value[name] : value;
  return (Array.isArray(inner) ? inner : [inner]).map((one) => {
    if (!isObject(one)) throw invalid('badBody', `Send a JSON object with the fields of a ${name}.`);
    return fieldsOf(
      Object.entries(one).flatMap(([key, field]) => {
        if (field === null) return [];
        if (typeof field === 'object')
          throw invalid('badBody', `${key.slice(0, 50)} holds an object where a text is expected.`);
        return [[key, String(field)] as const];
      }),
    );
  });
}

/** Without its byte order mark. */
function utf8Of(body: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(body);
  } catch (error) {
    throw invalid('notUtf8', 'The body is not UTF-8, in which JSON is sent.', error);
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const detail = error instanceof Error ? error.message.replace(/, ".*$/su, '') : '';
    throw invalid('notJson', `The body is not JSON: ${printable(detail)}`, error);
  }
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function fieldsOf(entries: (readonly [string, string])[]): Fields {
  const fields = new Map<string, string>();
  for (const [name, text] of entries) {
    if (fields.has(name)) throw invalid('badBody', `${name.slice(0, 50)} is given twice.`);
    if (/\0|\p{Surrogate}/u.test(text))
      throw invalid('unstorableText', `${name.slice(0, 50)} holds a character that cannot be stored.`);
    fields.set(name, text);
  }
  return fields;
}

const invalid = (code: string, message: string, cause?: unknown): DomainError =>
  new DomainError('invalid', code, message, { cause });
