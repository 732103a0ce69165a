import { parseXml, XmlCdata, XmlDocumentType, XmlElement, XmlError, XmlText } from '@rgrove/parse-xml';

/** An element with its text or its children; text between children is left out. */
export interface XmlNode {
  name: string;
  text: string;
  children: XmlNode[];
}

/** What is wrong with a document, in words. */
export class XmlProblem extends Error {
  override readonly name = 'XmlProblem';
}

const MAX_DEPTH = 16;

/**
 * Reads a document of a web service. Safe against entity expansion and external entities: only XML’s own five entities
 * are known, nothing is opened, and a document type definition is refused.
 * @throws XmlProblem
 */
export function readXml(text: string): XmlNode {
  try {
    const document = parseXml(text, { preserveDocumentType: true });
    if (document.children.some((child) => child instanceof XmlDocumentType))
      throw new XmlProblem('document type definitions are not accepted');
    if (document.root === null) throw new XmlProblem('there is no element');
    return toNode(document.root, 0);
  } catch (error) {
    throw describe(error);
  }
}

function describe(error: unknown): XmlProblem {
  if (error instanceof XmlProblem) return error;
  // The parser recurses once a level: a stack overflow is nesting far beyond the limit.
  if (error instanceof RangeError) return new XmlProblem(`elements are nested more than ${MAX_DEPTH} deep`);
  if (!(error instanceof XmlError)) return new XmlProblem('not readable as XML');
  const [what = ''] = error.message.split(' (line ');
  return new XmlProblem(`line ${error.line}, column ${error.column}: ${what.slice(0, 200)}`);
}

function toNode(element: XmlElement, depth: number): XmlNode {
  if (depth >= MAX_DEPTH) throw new RangeError('nested too deep');
  return {
    name: element.name,
    text: element.children
      .filter((child) => child instanceof XmlText || child instanceof XmlCdata)
      .map(({ text }) => text)
      .join(''),
    children: element.children
      .filter((child) => child instanceof XmlElement)
      .map((child) => toNode(child, depth + 1)),
  };
}
