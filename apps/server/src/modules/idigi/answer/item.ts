/** A value as it is sent: every one is a text, or holds texts. What is undefined is left out. */
export type Value = string | undefined | Item;

/** One element of a list, by the names that stand on the wire. */
export interface Item {
  [name: string]: Value;
}

/** A part of a list, with what stands around it. */
export interface Page {
  items: Item[];
  /** In all; counted up to a bound. */
  total: number;
}

/** What values of an attribute are compared as. */
export type AttributeType = 'text' | 'number' | 'date';

/** Attributes that conditions and `orderby` may name. */
export type Attributes = Readonly<Record<string, AttributeType>>;

/** A resource as the web services write it: every value a text. */
export const itemOf = (resource: object): Item =>
  Object.fromEntries(Object.entries(resource).map(([name, value]) => [name, asText(value)]));

const asText = (value: unknown): Value =>
  value === undefined
    ? undefined
    : typeof value === 'object' && value !== null
      ? itemOf(value)
      : String(value);

/** A value by its attribute’s name, which may stand one level deep (`id.devId`). */
export function textOf(item: Item, name: string): string | undefined {
  const own = item[name];
  if (typeof own === 'string') return own;
  const { id } = item;
  const inner = typeof id === 'object' ? id[name] : undefined;
  return typeof inner === 'string' ? inner : undefined;
}
