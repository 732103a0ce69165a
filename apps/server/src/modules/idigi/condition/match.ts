import { type Item, textOf } from '../answer/item.js';
import { type Comparison, type Condition, type Operator, timeOf } from './parse.js';

/** Whether an item is as a condition says. An attribute that it does not have fits no comparison. */
export function fits(condition: Condition, item: Item): boolean {
  if (condition.kind !== 'comparison') {
    const inner = (part: Condition): boolean => fits(part, item);
    return condition.kind === 'and' ? condition.parts.every(inner) : condition.parts.some(inner);
  }
  const value = textOf(item, condition.attribute);
  return value !== undefined && compares(condition, value);
}

/** Whether a value is as a comparison says. */
export function compares({ operator, type, text, number }: Comparison, value: string): boolean {
  if (operator === 'like') return isLike(value, text);
  if (type === 'text') return holds(operator, value, text);
  const own = type === 'date' ? timeOf(value) : Number(value);
  return own !== undefined && holds(operator, own, number);
}

function holds<T extends string | number>(operator: Exclude<Operator, 'like'>, left: T, right: T): boolean {
  switch (operator) {
    case '=':
      return left === right;
    case '<>':
      return left !== right;
    case '<':
      return left < right;
    case '>':
      return left > right;
    case '<=':
      return left <= right;
    case '>=':
      return left >= right;
  }
}

/** `%`: any characters, `_`: any one. In linear space and without going back further than the last `%`. */
export function isLike(value: string, pattern: string): boolean {
  let at = 0;
  let place = 0;
  let star = -1;
  let resume = 0;
  while (at < value.length) {
    const sign = pattern[place];
    if (sign === '%') {
      star = place++;
      resume = at;
    } else if (sign === '_' || sign === value[at]) {
      at++;
      place++;
    } else if (star >= 0) {
      place = star + 1;
      at = ++resume;
    } else return false;
  }
  while (pattern[place] === '%') place++;
  return place === pattern.length;
}
