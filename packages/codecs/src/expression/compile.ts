import { ExpressionError } from './error.js';
import { FUNCTIONS, functionNames } from './functions.js';
import { compileMask } from './mask.js';
import { OPERATIONS } from './operations.js';
import { type Expression, parseExpression } from './parse.js';
import { fieldOf, finite, hasField, isTrue, MAX_TEXT, toNumber, type Value } from './values.js';

type Message = Record<string, unknown>;
type Evaluate = (message: Message) => Value;

/**
 * Compiles an expression of flespi into a test of messages: `battery.level < 20 && ident == "tracker*"`.
 *
 * A field that a message does not have, or that is an array or object, and a division by zero make the whole
 * expression not match; `$field` is null then.
 * @throws ExpressionError with the position and words for people
 * @see https://flespi.com/kb/expressions
 */
export function compileExpression(text: string): (message: Message) => boolean {
  const evaluate = evaluateExpression(text);
  return (message) => isTrue(evaluate(message));
}

/** The same for the value itself; undefined where there is none. @throws ExpressionError */
export const evaluateExpression = (text: string): Evaluate => compile(parseExpression(text));

function compile(expression: Expression): Evaluate {
  switch (expression.kind) {
    case 'literal': {
      const { value } = expression;
      return () => value;
    }
    case 'field':
      return compileField(expression);
    case 'unary':
      return compileUnary(expression);
    case 'binary':
      return compileBinary(expression);
    case 'call':
      return compileCall(expression);
  }
}

function compileField({ name, optional }: Expression & { kind: 'field' }): Evaluate {
  if (optional) return (message) => fieldOf(message, name) ?? null;
  return (message) => fieldOf(message, name);
}

function compileUnary({ operator, operand }: Expression & { kind: 'unary' }): Evaluate {
  const inner = compile(operand);
  if (operator === '!') {
    return (message) => {
      const value = inner(message);
      return value === undefined ? undefined : !isTrue(value);
    };
  }
  const sign = operator === '-' ? -1 : 1;
  return (message) => finite(sign * (toNumber(inner(message)) ?? Number.NaN));
}

function compileBinary({ operator, left, right }: Expression & { kind: 'binary' }): Evaluate {
  if (operator === '==' || operator === '!=') {
    const masked = compileMasked(left, right) ?? compileMasked(right, left);
    if (masked !== undefined && operator === '==') return masked;
    if (masked !== undefined) return not(masked);
  }
  if (operator === '~' && right.kind === 'literal' && typeof right.value === 'string')
    return maskTest(compile(left), `*${right.mask ?? escapeMask(right.value)}*`);
  const [a, b] = [compile(left), compile(right)];
  const run = OPERATIONS[operator];
  // Both sides always: what one of them lacks, the whole lacks.
  return (message) => {
    const one = a(message);
    const other = b(message);
    return one === undefined || other === undefined ? undefined : run(one, other);
  };
}

/** A comparison with a text that is a mask, such as `"12*45"`. */
function compileMasked(side: Expression, pattern: Expression): Evaluate | undefined {
  if (pattern.kind !== 'literal' || pattern.mask === undefined) return undefined;
  return maskTest(compile(side), pattern.mask);
}

function maskTest(inner: Evaluate, mask: string): Evaluate {
  const fits = compileMask(mask);
  return (message) => {
    const value = inner(message);
    if (value === undefined || (typeof value === 'string' && value.length > MAX_TEXT)) return undefined;
    return value !== null && fits(String(value));
  };
}

const escapeMask = (text: string): string => text.replace(/[\\*?]/g, '\\$&');

function not(inner: Evaluate): Evaluate {
  return (message) => {
    const value = inner(message);
    return value === undefined ? undefined : !value;
  };
}

function compileCall({ name, args, position }: Expression & { kind: 'call' }): Evaluate {
  const known = name.toLowerCase();
  if (known === 'exists') return compileExists(args, position);
  if (known === 'if') return compileIf(args, position);
  const operation = FUNCTIONS.get(known);
  if (operation === undefined)
    throw new ExpressionError(
      `There is no function “${name}”. There are ${functionNames.join(', ')}`,
      position,
    );
  requireArguments(known, args, operation.arity, position);
  const inner = args.map(compile);
  return (message) => {
    const values = inner.map((evaluate) => evaluate(message));
    return values.includes(undefined) ? undefined : operation.run(...values);
  };
}

function compileExists(args: Expression[], position: number): Evaluate {
  requireArguments('exists', args, 1, position);
  const [field] = args;
  const name = field?.kind === 'field' ? field.name : field?.kind === 'literal' ? field.value : undefined;
  if (typeof name !== 'string')
    throw new ExpressionError('exists takes the name of a field', field?.position ?? position);
  return (message) => hasField(message, name);
}

function compileIf(args: Expression[], position: number): Evaluate {
  requireArguments('if', args, 3, position);
  const [condition, yes, no] = args.map(compile) as [Evaluate, Evaluate, Evaluate];
  return (message) => {
    const value = condition(message);
    if (value === undefined) return undefined;
    return isTrue(value) ? yes(message) : no(message);
  };
}

function requireArguments(name: string, args: Expression[], wanted: number, position: number): void {
  if (args.length === wanted) return;
  const many = wanted === 1 ? '1 argument' : `${wanted === 0 ? 'no' : wanted} arguments`;
  throw new ExpressionError(`${name} takes ${many}, not ${args.length}`, position);
}
