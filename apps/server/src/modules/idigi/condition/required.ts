import type { Comparison, Condition } from './parse.js';

/** What everything that a condition fits must be like in one attribute. */
export function required(condition: Condition | undefined, attribute: string): Comparison[] {
  if (condition === undefined || condition.kind === 'or') return [];
  if (condition.kind === 'comparison') return condition.attribute === attribute ? [condition] : [];
  return condition.parts.flatMap((part) => required(part, attribute));
}
