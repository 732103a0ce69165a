import { DomainError } from '#core/errors.js';
import { type Item, textOf } from '../answer/item.js';
import { type Comparison, type Condition, type Effort, type Operator, timeOf } from './parse.js';

/** Whether an item is as a condition says. An attribute that it does not have fits no comparison. */
export function fits(condition: Condition, item: Item): boolean {
  if (condition.kind !== 'comparison') {
    const inner = (part: Condition): boolean => fits(part, item);
    return condition.kind === 'and' ? condition.parts.every(inner) : condition.parts.some(inner);
  }
  const value = textOf(item, condition.attribute);
  return value !== undefined && compares(condition, value);
}

/** Whether a value is as a comparison says. @throws invalid `badCondition`: its patterns took too long */
export function compares({ operator, type, text, number, effort }: Comparison, value: string): boolean {
  if (operator === 'like') return isLike(value, text, effort);
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
function isLike(value: string, pattern: string, effort: Effort): boolean {
  let at = 0;
  let place = 0;
  let star = -1;
  let resume = 0;
  while (at < value.length) {
    if (--effort.left < 0) throw tooSlow();
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

const tooSlow = (): DomainError =>
  new DomainError(
    'invalid',
    'badCondition',
    'Invalid condition specified: its patterns take too long to compare. Use shorter ones, or such as end with their only “%”',
  );
