import { FILE_TYPE } from '@polyrelay/codecs/push-resource';
import type { FastifyInstance } from 'fastify';
import type { Attributes } from '../answer/item.js';
import { compares } from '../condition/match.js';
import type { Comparison, Condition } from '../condition/parse.js';

/** Which messages: as their module reads it. */
export type MessageFilter = Parameters<FastifyInstance['messages']['collected']>[1];

/** What conditions on files may name. A published client calls the customer’s id `customer_id`. */
export const FILE_ATTRIBUTES: Attributes = {
  fdPath: 'text',
  fdName: 'text',
  fdType: 'text',
  fdSize: 'number',
  fdContentType: 'text',
  fdCreatedDate: 'date',
  fdLastModifiedDate: 'date',
  cstId: 'number',
  customer_id: 'number',
};

/** What of files is the same for all of them, or of one folder. */
export interface Folders {
  /** Paths such as `~/00000000-…/` by the id of the thing. */
  paths: Map<string, string>;
  customerId: number;
}

/** A condition on files as one on messages: no file is read to find those that fit. */
export function filterOf(condition: Condition | undefined, folders: Folders): MessageFilter {
  if (condition === undefined) return { kind: 'constant', value: true };
  if (condition.kind !== 'comparison')
    return { kind: condition.kind, parts: condition.parts.map((part) => filterOf(part, folders)) };
  const { attribute, operator, text, number } = condition;
  switch (attribute) {
    case 'fdPath':
      return { kind: 'thing', ids: thingsAt(condition, folders) };
    case 'fdName':
      return { kind: 'compare', column: 'file', operator, value: text };
    case 'fdSize':
      return operator === 'like' ? never : { kind: 'compare', column: 'bytes', operator, value: number };
    case 'fdCreatedDate':
    case 'fdLastModifiedDate':
      return operator === 'like'
        ? never
        : { kind: 'compare', column: 'at', operator, value: new Date(number) };
    default:
      return { kind: 'constant', value: compares(condition, constantOf(attribute, folders)) };
  }
}

const never: MessageFilter = { kind: 'constant', value: false };

const thingsAt = (comparison: Comparison, { paths }: Folders): string[] =>
  [...paths].flatMap(([id, path]) => (compares(comparison, path) ? [id] : []));

function constantOf(attribute: string, { customerId }: Folders): string {
  if (attribute === 'fdType') return 'file';
  return attribute === 'fdContentType' ? FILE_TYPE : String(customerId);
}
