import { XmlProblem } from './read.js';

/** Encodings that documents come in, by the names they are declared with. What is not here is refused. */
const ENCODINGS: Record<string, string> = {
  'utf-8': 'utf-8',
  utf8: 'utf-8',
  'us-ascii': 'utf-8',
  ascii: 'utf-8',
  'utf-16': 'utf-16le',
  'utf-16le': 'utf-16le',
  'utf-16be': 'utf-16be',
  'iso-8859-1': 'latin1',
  'iso-8859-15': 'iso-8859-15',
  latin1: 'latin1',
  'windows-1252': 'windows-1252',
};

const DECLARED = /^\s*<\?xml[^>]{0,200}?\sencoding\s*=\s*["']([A-Za-z][A-Za-z0-9._-]{0,40})["']/;

/**
 * The text of an XML document, by its byte order mark, else by what the request says, else by what it declares, else
 * UTF-8. Where nothing is said and it is not UTF-8, it is Latin-1: Python’s HTTP library writes text so.
 * @param charset of the request’s Content-Type
 * @throws XmlProblem an encoding that is not known, bytes that are not in it
 */
export function decodeXml(bytes: Uint8Array, charset?: string): string {
  const marked = markOf(bytes);
  const declared = marked ?? charset ?? DECLARED.exec(latin1(bytes.subarray(0, 256)))?.[1];
  if (declared === undefined) return decode(bytes, 'utf-8') ?? latin1(bytes);
  const encoding = ENCODINGS[declared.toLowerCase()];
  if (encoding === undefined)
    throw new XmlProblem(`the encoding “${declared}” is not known; use UTF-8, UTF-16 or ISO-8859-1`);
  const text = decode(bytes, encoding);
  if (text === undefined) throw new XmlProblem(`it is not in the encoding that it declares, ${declared}`);
  return text;
}

/** What the first bytes say: a mark, or the `<` of a document in two bytes a character. */
function markOf([a, b, c]: Uint8Array): string | undefined {
  if (a === 0xef && b === 0xbb && c === 0xbf) return 'utf-8';
  if ((a === 0xff && b === 0xfe) || (a === 0x3c && b === 0)) return 'utf-16le';
  if ((a === 0xfe && b === 0xff) || (a === 0 && b === 0x3c)) return 'utf-16be';
  return undefined;
}

function decode(bytes: Uint8Array, encoding: string): string | undefined {
  if (encoding === 'latin1') return latin1(bytes);
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** Each byte a character; what the platform calls Latin-1 is Windows-1252. */
function latin1(bytes: Uint8Array): string {
  let text = '';
  for (let i = 0; i < bytes.length; i += 8192) text += String.fromCharCode(...bytes.subarray(i, i + 8192));
  return text;
}
