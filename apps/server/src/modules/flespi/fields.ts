import { compileMask } from '@polyrelay/codecs/expression';
import { DomainError } from '#core/errors.js';

/** Greatest number of names in `fields`, and of characters. */
const MAX_FIELDS = 200;
const MAX_LENGTH = 8192;

/** Takes some fields of an object. */
export type Fields = (name: string) => boolean;

/**
 * Reads which fields are wanted: `ident,position.*`, or a list of names. Undefined and empty: all.
 * @throws invalid `badFields`
 */
export function readFields(wanted: unknown): Fields | undefined {
  if (wanted === undefined || wanted === null || wanted === '') return undefined;
  const names = typeof wanted === 'string' ? wanted.split(',') : wanted;
  if (!Array.isArray(names) || !names.every((name) => typeof name === 'string'))
    throw badFields('must be names with commas between them, such as ident,timestamp');
  if (names.length > MAX_FIELDS || names.join().length > MAX_LENGTH)
    throw badFields(`may have ${MAX_FIELDS} names and ${MAX_LENGTH} characters at most`);
  const exact = new Set(names.map((name) => name.trim()));
  const masks = [...exact].filter((name) => /[*?]/.test(name)).map(compileMask);
  return (name) => exact.has(name) || masks.some((fits) => fits(name));
}

const badFields = (message: string): DomainError =>
  new DomainError('invalid', 'badFields', `fields ${message}.`);

/** Some fields of an object. */
export const pick = (object: object, fields: Fields | undefined): object =>
  fields === undefined ? object : Object.fromEntries(Object.entries(object).filter(([name]) => fields(name)));

/** Some fields of an object that is JSON text: what is kept stays as it is written, each digit of it. */
export function pickText(json: string, fields: Fields): string {
  const kept: string[] = [];
  for (const { name, start, end } of members(json)) if (fields(name)) kept.push(json.slice(start, end));
  return `{${kept.join(',')}}`;
}

/** The members of an object in valid JSON text: where `"name": value` stands. */
function* members(json: string): Generator<{ name: string; start: number; end: number }> {
  let at = json.indexOf('{') + 1;
  for (;;) {
    const start = json.indexOf('"', at);
    if (start < 0) return;
    const nameEnd = endOfString(json, start);
    const end = endOfValue(json, nameEnd);
    yield { name: JSON.parse(json.slice(start, nameEnd)) as string, start, end };
    if (json[end] === '}') return;
    at = end + 1;
  }
}

/** Where a string that begins here ends. */
function endOfString(json: string, start: number): number {
  let end = start;
  for (;;) {
    end = json.indexOf('"', end + 1);
    let slashes = 0;
    while (json[end - 1 - slashes] === '\\') slashes++;
    if (slashes % 2 === 0) return end + 1;
  }
}

const SPECIAL = /["[\]{},]/g;

/** Where the comma or brace behind a member's value stands. */
function endOfValue(json: string, from: number): number {
  const special = new RegExp(SPECIAL);
  special.lastIndex = from;
  for (let depth = 0; ; ) {
    const sign = special.exec(json)?.[0];
    if (sign === undefined) return json.length;
    const at = special.lastIndex - 1;
    if (sign === '"') special.lastIndex = endOfString(json, at);
    else if (sign === '[' || sign === '{') depth++;
    else if (depth === 0) return at;
    else if (sign !== ',') depth--;
  }
}
