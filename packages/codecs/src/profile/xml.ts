import { XmlElement as ParsedElement, parseXml as parse, XmlError } from '@rgrove/parse-xml';

/** An element; names in lower case, because profiles mix `nodeDef` and `nodedef`, `NLS` and `nls`. */
export interface XmlElement {
  name: string;
  attributes: ReadonlyMap<string, string>;
  children: XmlElement[];
  /** Where it begins, for problems. */
  line: number;
}

export type XmlResult = { elements: XmlElement[] } | { problem: string };

/** Profiles nest six deep. */
const MAX_DEPTH = 16;

/**
 * Reads the elements of a profile file (PGC section 9). Several root elements are fine: generated profiles
 * are often templates written one after the other, without a common root.
 *
 * Safe against entity expansion ("billion laughs") and external entities twice over: the parser knows no
 * entities but XML's own five and opens nothing, and a file that declares a document type with a subset is
 * refused before. Its time grows linearly with the (bounded) file.
 */
export function parseXml(text: string): XmlResult {
  const plain = escapeAmpersands(blankProlog(blankComments(text)));
  if (/<!DOCTYPE|<!ENTITY/i.test(plain)) return { problem: 'document type definitions are not accepted' };
  try {
    const document = parse(`<profile>${plain}</profile>`, {
      ignoreUndefinedEntities: true,
      includeOffsets: true,
    });
    const root = toElement(document.root, lineCounter(plain), 0);
    if (root.children.length === 0 && plain.trim() !== '') return { problem: 'no XML elements in the file' };
    return { elements: root.children };
  } catch (error) {
    return { problem: describe(error) };
  }
}

function describe(error: unknown): string {
  // The parser recurses once a level: a stack overflow is nesting far beyond the limit.
  if (error instanceof RangeError) return `elements are nested more than ${MAX_DEPTH} deep`;
  if (!(error instanceof XmlError)) return 'not readable as XML';
  const [what = ''] = error.message.split(' (line ');
  return `line ${error.line}: ${what.slice(0, 200)}`;
}

/** Comments become spaces (lines stay): `--` inside them is common, and an error in strict XML. */
function blankComments(text: string): string {
  let plain = '';
  let from = 0;
  for (;;) {
    const start = text.indexOf('<!--', from);
    const end = start < 0 ? -1 : text.indexOf('-->', start + 4);
    if (end < 0) return plain + text.slice(from);
    plain += text.slice(from, start) + blank(text.slice(start, end + 3));
    from = end + 3;
  }
}

/** XML declarations and a DOCTYPE without a subset say nothing here, and repeat in joined files. */
function blankProlog(text: string): string {
  return text.replace(/<\?xml[^<>]*>|<!DOCTYPE[^<>[\]]*>/gi, blank);
}

/** `R&B` is an error in XML, but plain in what its author meant. */
function escapeAmpersands(text: string): string {
  return text.replace(/&(?!(?:#\d{1,7}|#x[\da-f]{1,6}|[a-z]{2,8});)/gi, '&amp;');
}

const blank = (text: string): string => text.replace(/[^\n]/g, ' ');

/** Lines of ascending offsets; counts every line once, however many elements there are. */
function lineCounter(plain: string): (offset: number) => number {
  let line = 1;
  let counted = 0;
  return (offset) => {
    for (const end = offset - '<profile>'.length; counted < end; counted += 1) {
      if (plain[counted] === '\n') line += 1;
    }
    return line;
  };
}

function toElement(
  element: ParsedElement | null,
  lineAt: (offset: number) => number,
  depth: number,
): XmlElement {
  if (depth > MAX_DEPTH) throw new RangeError('nested too deep');
  const attributes = Object.entries(element?.attributes ?? {});
  return {
    name: (element?.name ?? '').toLowerCase(),
    attributes: new Map(attributes.map(([name, value]) => [name.toLowerCase(), value])),
    line: lineAt(element?.start ?? 0),
    children: (element?.children ?? [])
      .filter((child) => child instanceof ParsedElement)
      .map((child) => toElement(child, lineAt, depth + 1)),
  };
}

/** Every element of a name, at any depth, in document order. */
export function findAll(elements: readonly XmlElement[], name: string): XmlElement[] {
  return elements.flatMap((element) => (element.name === name ? [element] : findAll(element.children, name)));
}

/** Ids are words; a longer one would be repeated in every key that is looked up for it. */
const MAX_ATTRIBUTE = 200;

/** An attribute without surrounding space; undefined if absent, empty or too long to be meant. */
export function attribute(element: XmlElement, name: string, longest = MAX_ATTRIBUTE): string | undefined {
  const text = element.attributes.get(name)?.trim() ?? '';
  return text === '' || text.length > longest ? undefined : text;
}
