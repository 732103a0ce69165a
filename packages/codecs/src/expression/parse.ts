import { ExpressionError } from './error.js';
import { readTokens, type Token } from './tokens.js';

/** Greatest length of an expression, in characters, and how deep its parts may be nested. */
export const MAX_EXPRESSION_LENGTH = 1000;
const MAX_DEPTH = 50;

/** An expression as a tree. Own parser: positions in every part, and names such as `din.1`, which jsep has not. */
export type Expression = { position: number } & (
  | { kind: 'literal'; value: number | string | boolean | null; mask?: string | undefined }
  /** `optional`: written `$name`, null when the message has it not. */
  | { kind: 'field'; name: string; optional: boolean }
  | { kind: 'unary'; operator: '-' | '+' | '!'; operand: Expression }
  | { kind: 'binary'; operator: BinaryOperator; left: Expression; right: Expression }
  | { kind: 'call'; name: string; args: Expression[] }
);

export type BinaryOperator = keyof typeof PRECEDENCE;

/** As in C, but that comparisons bind less than bits: `din & 0x1 == 1` means what one thinks. */
const PRECEDENCE = {
  '||': 1,
  '&&': 2,
  '==': 3,
  '!=': 3,
  '~': 3,
  '<': 4,
  '<=': 4,
  '>': 4,
  '>=': 4,
  '|': 5,
  '^': 6,
  '&': 7,
  '<<': 8,
  '>>': 8,
  '+': 9,
  '-': 9,
  '*': 10,
  '/': 10,
  '%': 10,
} as const;

const SAME: Record<string, BinaryOperator> = { '=': '==', '<>': '!=' };
const WORDS = new Map<string, boolean | null>([
  ['true', true],
  ['false', false],
  ['null', null],
]);

/** Reads an expression. @throws ExpressionError */
export function parseExpression(text: string): Expression {
  if (text.length > MAX_EXPRESSION_LENGTH)
    throw new ExpressionError(
      `Use at most ${MAX_EXPRESSION_LENGTH} characters for an expression`,
      MAX_EXPRESSION_LENGTH,
    );
  return new Parser(readTokens(text)).whole();
}

class Parser {
  readonly #tokens: Token[];
  #next = 0;
  #depth = 0;

  constructor(tokens: Token[]) {
    this.#tokens = tokens;
  }

  whole(): Expression {
    if (this.#peek().kind === 'end')
      throw new ExpressionError('Write an expression, such as battery.level < 20', 0);
    const expression = this.#binary(1);
    const rest = this.#peek();
    if (rest.kind !== 'end')
      throw new ExpressionError(`An operator is missing before ${written(rest)}`, rest.position);
    return expression;
  }

  /** Operators that bind at least as much as `least`, from left to right. */
  #binary(least: number): Expression {
    let left = this.#unary();
    for (;;) {
      const token = this.#peek();
      const operator = operatorOf(token);
      if (operator === undefined || PRECEDENCE[operator] < least) return left;
      this.#next++;
      const right = this.#nested(token, () => this.#binary(PRECEDENCE[operator] + 1));
      left = { kind: 'binary', operator, left, right, position: token.position };
    }
  }

  #unary(): Expression {
    const token = this.#peek();
    if (token.kind !== 'sign' || !(token.value === '!' || token.value === '-' || token.value === '+'))
      return this.#primary();
    this.#next++;
    const operand = this.#nested(token, () => this.#unary());
    return { kind: 'unary', operator: token.value, operand, position: token.position };
  }

  #primary(): Expression {
    const token = this.#peek();
    this.#next++;
    const { position } = token;
    if (token.kind === 'number') return { kind: 'literal', value: token.value, position };
    if (token.kind === 'string') return { kind: 'literal', value: token.value, mask: token.mask, position };
    if (token.kind === 'name') return this.#name(token.value, token);
    if (token.kind === 'sign' && token.value === '(') {
      const inner = this.#nested(token, () => this.#binary(1));
      this.#close(token);
      return inner;
    }
    throw new ExpressionError(
      token.kind === 'end'
        ? 'The expression ends too early: a value is missing'
        : `A value is missing before ${written(token)}`,
      position,
    );
  }

  #name(name: string, token: Token): Expression {
    const { position } = token;
    const word = WORDS.get(name.toLowerCase());
    if (word !== undefined) return { kind: 'literal', value: word, position };
    if (this.#isSign('(')) return { kind: 'call', name, args: this.#args(), position };
    const optional = name.startsWith('$');
    return { kind: 'field', name: optional ? name.slice(1) : name, optional, position };
  }

  #args(): Expression[] {
    const open = this.#peek();
    this.#next++;
    const args: Expression[] = [];
    if (!this.#isSign(')')) {
      do {
        if (args.length > 0) this.#next++;
        args.push(this.#nested(open, () => this.#binary(1)));
      } while (this.#isSign(','));
    }
    this.#close(open);
    return args;
  }

  #close(open: Token): void {
    if (!this.#isSign(')')) {
      const found = this.#peek();
      if (found.kind === 'end') throw new ExpressionError('This bracket is never closed', open.position);
      throw new ExpressionError(`“)” is missing before ${written(found)}`, found.position);
    }
    this.#next++;
  }

  #nested(token: Token, read: () => Expression): Expression {
    if (++this.#depth > MAX_DEPTH)
      throw new ExpressionError(`Nest at most ${MAX_DEPTH} parts in each other`, token.position);
    const inner = read();
    this.#depth--;
    return inner;
  }

  #peek(): Token {
    return this.#tokens[this.#next] ?? { kind: 'end', position: 0 };
  }

  #isSign(value: string): boolean {
    const token = this.#peek();
    return token.kind === 'sign' && token.value === value;
  }
}

function operatorOf(token: Token): BinaryOperator | undefined {
  if (token.kind !== 'sign') return undefined;
  if (Object.hasOwn(SAME, token.value)) return SAME[token.value];
  return Object.hasOwn(PRECEDENCE, token.value) ? (token.value as BinaryOperator) : undefined;
}

const written = (token: Token): string => (token.kind === 'end' ? 'the end' : `“${String(token.value)}”`);
