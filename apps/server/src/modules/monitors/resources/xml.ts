/** What XML 1.0 cannot hold, not even escaped. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const IMPOSSIBLE = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Cs}/gu;
const SPECIAL = /[&<>"\r]/g;
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

/** A text as the content of an element; what XML cannot hold becomes U+FFFD. */
export const escapeXml = (text: string): string =>
  text.replace(IMPOSSIBLE, '\ufffd').replace(SPECIAL, (char) => ENTITIES[char] ?? char);

const attribute = (text: string): string =>
  escapeXml(text).replace(/[\n\t]/g, (char) => (char === '\n' ? '&#10;' : '&#9;'));

/**
 * A value as an element: the members of an object become elements of their names, those of a list repeat the element,
 * null and an empty list are an empty one. A name that XML cannot hold stands in the attribute `name` of `<item>`.
 */
export function xmlElement(name: string, value: unknown, depth = 0): string {
  if (Array.isArray(value) && value.length > 0)
    return value.map((one) => xmlElement(name, Array.isArray(one) ? { item: one } : one, depth + 1)).join('');
  const valid = NAME.test(name) && !/^xml/i.test(name);
  const content = contentOf(value, depth);
  const tag = valid ? name : `item name="${attribute(name)}"`;
  return content === '' ? `<${tag}/>` : `<${tag}>${content}</${valid ? name : 'item'}>`;
}

function contentOf(given: unknown, depth: number): string {
  // A fact that was not read from the log may hold a date.
  const value = given instanceof Date ? given.toISOString() : given;
  if (value === null || value === undefined || (Array.isArray(value) && value.length === 0)) return '';
  if (typeof value !== 'object') return escapeXml(String(value));
  if (depth >= MAX_DEPTH) return escapeXml(JSON.stringify(value));
  return Object.entries(value)
    .map(([key, member]) => (member === undefined ? '' : xmlElement(key, member, depth + 1)))
    .join('');
}
