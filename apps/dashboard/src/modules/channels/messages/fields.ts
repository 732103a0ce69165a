import { jsonParts } from '../../../lib/json-parts';

export type FieldType = 'text' | 'number' | 'boolean' | 'null' | 'object' | 'list';

/** A field of a message; `text` is its JSON as it came. */
export interface MessageField {
  name: string;
  type: FieldType;
  text: string;
}

/** The fields of a message, in its own order. */
export const fieldsOf = (json: string): MessageField[] =>
  jsonParts(json).map(({ name, text }) => ({ name: name ?? '', type: typeOf(text), text }));

function typeOf(json: string): FieldType {
  switch (json[0]) {
    case '"':
      return 'text';
    case '{':
      return 'object';
    case '[':
      return 'list';
    case 't':
    case 'f':
      return 'boolean';
    case 'n':
      return 'null';
    default:
      return 'number';
  }
}
