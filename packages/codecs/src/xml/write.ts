/** What XML 1.0 cannot hold, not even escaped. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const IMPOSSIBLE = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Cs}/gu;
const ENTITIES: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  // A reader would make a line feed of it.
  '\r': '&#13;',
};
const NAME = /^[A-Za-z_][\w.-]*$/;
const MAX_DEPTH = 50;

/** How texts are written. */
export type EscapeXml = (text: string) => string;

/** A text as the content of an element; what XML cannot hold becomes U+FFFD. */
export const escapeXml: EscapeXml = (text) =>
  text.replace(IMPOSSIBLE, '\ufffd').replace(/[&<>"\r]/g, (char) => ENTITIES[char] ?? char);

/** The same in ASCII alone: so that any encoding that the document declares is true. */
export const escapeXmlAscii: EscapeXml = (text) =>
  escapeXml(text).replace(/[\x7f-\u{10ffff}]/gu, (char) => `&#${char.codePointAt(0)};`);

/**
 * A value as an element: the members of an object become elements of their names, those of a list repeat the element,
 * null and an empty list are an empty one; a member that is undefined is left out. A name that XML cannot hold stands in
 * the attribute `name` of `<item>`.
 */
export function xmlElement(name: string, value: unknown, write: EscapeXml = escapeXml, depth = 0): string {
  if (Array.isArray(value) && value.length > 0)
    return value
      .map((one) => xmlElement(name, Array.isArray(one) ? { item: one } : one, write, depth + 1))
      .join('');
  const valid = NAME.test(name) && !/^xml/i.test(name);
  const content = contentOf(value, write, depth);
  const tag = valid ? name : `item name="${attribute(name, write)}"`;
  return content === '' ? `<${tag}/>` : `<${tag}>${content}</${valid ? name : 'item'}>`;
}

function contentOf(given: unknown, write: EscapeXml, depth: number): string {
  // A fact that was not read from the log may hold a date.
  const value = given instanceof Date ? given.toISOString() : given;
  if (value === null || value === undefined || (Array.isArray(value) && value.length === 0)) return '';
  if (typeof value !== 'object') return write(String(value));
  if (depth >= MAX_DEPTH) return write(JSON.stringify(value));
  return Object.entries(value)
    .map(([key, member]) => (member === undefined ? '' : xmlElement(key, member, write, depth + 1)))
    .join('');
}

const attribute = (text: string, write: EscapeXml): string =>
  write(text).replace(/[\n\t]/g, (char) => (char === '\n' ? '&#10;' : '&#9;'));
