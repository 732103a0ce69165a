const NAMED: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** What XML 1.0 cannot hold at all, whatever it is written as. */
const IMPOSSIBLE = /(?![\t\n\r\x7f-\x9f])\p{Cc}|[\ufffe\uffff]|\p{Surrogate}/gu;

/** Text inside an element or an attribute, in ASCII alone: so that any declared encoding is true. */
export const escapeXml = (text: string): string =>
  text
    .replace(IMPOSSIBLE, '\ufffd')
    .replace(/[&<>"\r\x7f-\u{10ffff}]/gu, (char) => NAMED[char] ?? `&#${char.codePointAt(0)};`);

/** An element with text, or with what is XML already. */
export const element = (name: string, content: string): string => `<${name}>${content}</${name}>`;
