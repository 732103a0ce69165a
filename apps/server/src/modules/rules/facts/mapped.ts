import { type FlatMessage, mapMessage, type RuleMapping } from '@polyrelay/contract';
import { digitsOf, numberOf } from './exact.js';

/** Keeps and renames; a number of many digits can be the ident, or the time, too. */
export function mapped(message: FlatMessage, mapping: RuleMapping): FlatMessage {
  const renamed = Object.entries(mapping.rename).filter(
    ([name, to]) => (to === 'ident' || to === 'timestamp') && Object.hasOwn(message, name),
  );
  if (renamed.length === 0) return mapMessage(message, mapping);
  const plain = renamed.map(([name, to]) => [
    name,
    to === 'ident' ? digitsOf(message[name]) : numberOf(message[name]),
  ]);
  return mapMessage({ ...message, ...Object.fromEntries(plain) }, mapping);
}
