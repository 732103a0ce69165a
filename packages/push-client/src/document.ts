import { parseXml, XmlCdata, XmlElement, XmlText } from '@rgrove/parse-xml';

/** One event. Its resource's values are in the member with the resource's name, such as `DeviceCore`. */
export interface Message {
  /** `{customer}/{resource}/{path}`, such as `1210/DeviceCore/7201/0`. */
  topic: string;
  operation: 'INSERTION' | 'UPDATE' | 'DELETION';
  /** ISO 8601. */
  timestamp: string;
  group: string;
  [resource: string]: unknown;
}

/** A payload as an object; undefined where it is none, as templates of one's own may make any text. */
export function documentOf(text: string, format: 'json' | 'xml'): unknown {
  try {
    return format === 'json' ? JSON.parse(text) : xmlDocument(text);
  } catch {
    return undefined;
  }
}

/** The events of a payload: one stands alone in `Document.Msg`, several are a list. */
export function messagesOf(document: unknown): Message[] {
  const held = (document as { Document?: { Msg?: Message | Message[] } } | undefined)?.Document?.Msg;
  const list = Array.isArray(held) ? held : [held];
  return list.filter((message) => typeof message === 'object' && message !== null);
}

/** Deeper is not read: events nest four deep. */
const MAX_DEPTH = 64;

/**
 * XML in the shape JSON has: `<a><b>1</b><b>2</b></a>` is `{a: {b: ['1', '2']}}`. Every value is text. The parser knows
 * XML's own five entities alone and opens nothing; a document type is refused.
 */
function xmlDocument(text: string): unknown {
  if (/<!DOCTYPE/i.test(text)) throw new RangeError('document types are not accepted');
  const { root } = parseXml(text);
  return root === null ? undefined : { [root.name]: contentOf(root, 0) };
}

function contentOf(element: XmlElement, depth: number): unknown {
  if (depth > MAX_DEPTH) throw new RangeError(`nested more than ${MAX_DEPTH} deep`);
  const children = element.children.filter((child) => child instanceof XmlElement);
  if (children.length === 0)
    return element.children
      .map((child) => (child instanceof XmlText || child instanceof XmlCdata ? child.text : ''))
      .join('');
  // Names come from elsewhere: `__proto__` is a name as any other.
  const values = new Map<string, unknown[]>();
  for (const child of children) {
    const all = values.get(child.name) ?? [];
    all.push(contentOf(child, depth + 1));
    values.set(child.name, all);
  }
  return Object.fromEntries([...values].map(([name, all]) => [name, all.length === 1 ? all[0] : all]));
}
