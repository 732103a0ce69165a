import { DomainError } from '#core/errors.js';
import type { Attributes, AttributeType } from '../answer/item.js';

export type Operator = '=' | '<>' | '<' | '>' | '<=' | '>=' | 'like';

/** One comparison of an attribute with a value. */
export interface Comparison {
  kind: 'comparison';
  attribute: string;
  type: AttributeType;
  operator: Operator;
  /** As it was written; of a number and a date: what it is, in milliseconds. */
  text: string;
  number: number;
  /** What comparing with patterns may still take, for the whole condition. */
  effort: Effort;
}

/** Steps that are left; one step is a character. */
export interface Effort {
  left: number;
}

/** Conditions joined. */
export interface Combination {
  kind: 'and' | 'or';
  parts: Condition[];
}

export type Condition = Comparison | Combination;

interface Token {
  kind: 'word' | 'text' | 'operator' | 'open' | 'close' | 'end';
  text: string;
  at: number;
}

const MAX_LENGTH = 8000;
const MAX_DEPTH = 50;
/** All others wait while patterns are compared: about a fifth of a second. */
const MAX_STEPS = 20_000_000;

const TOKEN =
  /\s*(?:(?<text>'(?:[^']|'')*'|"(?:[^"]|"")*")|(?<operator><>|<=|>=|<|>|=)|(?<open>\()|(?<close>\))|(?<word>[\w.:+-]+))/y;

/**
 * Reads a condition: `attr='v'`, `<`, `>`, `<=`, `>=`, `<>`, `like 'a%'`, joined by `and`, `or`, in parentheses; `and`
 * binds stronger. A quote inside a text is written twice.
 * @throws invalid `badCondition`, with the position
 */
export function parseCondition(text: string, attributes: Attributes): Condition {
  if (text.length > MAX_LENGTH)
    throw bad(MAX_LENGTH, `a condition may have ${MAX_LENGTH} characters at most`);
  const parser = new Parser(tokensOf(text), attributes);
  return parser.parse();
}

function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  const end = text.trimEnd().length;
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < end) {
    const from = TOKEN.lastIndex;
    const match = TOKEN.exec(text);
    if (match === null) {
      const at = from + (/^\s*/.exec(text.slice(from))?.[0].length ?? 0);
      const isQuote = /['"]/.test(text[at] ?? '');
      throw bad(at, isQuote ? 'a text is not closed with its quote' : `“${text[at]}” is not expected`);
    }
    const [kind, found = ''] = Object.entries(match.groups ?? {}).find(([, one]) => one !== undefined) ?? [
      'end',
    ];
    tokens.push({ kind: kind as Token['kind'], text: found, at: TOKEN.lastIndex - found.length });
  }
  return [...tokens, { kind: 'end', text: '', at: end }];
}

class Parser {
  readonly #tokens: Token[];
  readonly #attributes: Attributes;
  readonly #effort: Effort = { left: MAX_STEPS };
  #next = 0;
  #depth = 0;

  constructor(tokens: Token[], attributes: Attributes) {
    this.#tokens = tokens;
    this.#attributes = attributes;
  }

  parse(): Condition {
    const condition = this.#joined('or', () => this.#joined('and', () => this.#part()));
    const { kind, text, at } = this.#peek();
    if (kind !== 'end') throw bad(at, `“and”, “or” or the end is expected, not “${shown(text)}”`);
    return condition;
  }

  #joined(kind: 'and' | 'or', read: () => Condition): Condition {
    const first = read();
    const parts = [first];
    while (this.#isWord(kind)) {
      this.#take();
      parts.push(read());
    }
    return parts.length === 1 ? first : { kind, parts };
  }

  #part(): Condition {
    if (this.#peek().kind !== 'open') return this.#comparison();
    const { at } = this.#take();
    if (++this.#depth > MAX_DEPTH) throw bad(at, `parentheses are nested more than ${MAX_DEPTH} deep`);
    const inner = this.#joined('or', () => this.#joined('and', () => this.#part()));
    const close = this.#take();
    if (close.kind !== 'close') throw bad(close.at, '“)” is expected');
    this.#depth--;
    return inner;
  }

  #comparison(): Comparison {
    const name = this.#take();
    if (name.kind !== 'word') throw bad(name.at, 'the name of an attribute is expected');
    const type = Object.hasOwn(this.#attributes, name.text) ? this.#attributes[name.text] : undefined;
    if (type === undefined)
      throw bad(name.at, `“${shown(name.text)}” is none of ${Object.keys(this.#attributes).join(', ')}`);
    const sign = this.#take();
    const operator = sign.text.toLowerCase();
    if (sign.kind !== 'operator' && operator !== 'like')
      throw bad(sign.at, '=, <>, <, >, <=, >= or like is expected');
    const value = this.#take();
    if (value.kind !== 'text' && value.kind !== 'word') throw bad(value.at, 'a value in quotes is expected');
    const text = value.kind === 'text' ? unquoted(value.text) : value.text;
    // A pattern is compared with what stands there as a text.
    const number = operator === 'like' ? Number.NaN : numberOf(type, text, value.at);
    return {
      ...{ kind: 'comparison', attribute: name.text, type, operator: operator as Operator, text, number },
      effort: this.#effort,
    };
  }

  #peek(): Token {
    return this.#tokens[this.#next] as Token;
  }

  #take(): Token {
    const token = this.#peek();
    if (token.kind !== 'end') this.#next++;
    return token;
  }

  #isWord(word: string): boolean {
    const { kind, text } = this.#peek();
    return kind === 'word' && text.toLowerCase() === word;
  }
}

function numberOf(type: AttributeType, text: string, at: number): number {
  if (type === 'text') return Number.NaN;
  if (type === 'date') return timeOf(text) ?? fail(at, 'a time is expected, such as 2026-01-31T12:00:00Z');
  return /^-?\d{1,15}(?:\.\d{1,15})?$/.test(text.trim()) ? Number(text) : fail(at, 'a number is expected');
}

/** A time as clients write it: ISO 8601, without an offset in UTC, or milliseconds since 1970. */
export function timeOf(text: string): number | undefined {
  const trimmed = text.trim();
  if (/^\d{10,14}$/.test(trimmed)) return Number(trimmed);
  const iso = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?)(Z|[+-]\d\d:?\d\d)?)?$/i.exec(
    trimmed,
  );
  if (iso === null) return undefined;
  const [, day, time = '00:00', zone = 'Z'] = iso;
  const at = Date.parse(
    `${day}T${time.replace(/(\.\d{3})\d+/, '$1')}${zone.toUpperCase().replace(/^([+-]\d\d)(\d\d)$/, '$1:$2')}`,
  );
  // PostgreSQL knows no year 0.
  return Number.isNaN(at) || new Date(at).getUTCFullYear() < 1 ? undefined : at;
}

const unquoted = (text: string): string => {
  const quote = text[0] ?? "'";
  return text.slice(1, -1).replaceAll(quote + quote, quote);
};

const shown = (text: string): string => (text.length > 40 ? `${text.slice(0, 40)}…` : text);

function fail(at: number, what: string): never {
  throw bad(at, what);
}

const bad = (at: number, what: string): DomainError =>
  new DomainError('invalid', 'badCondition', `Invalid condition specified, at position ${at}: ${what}`);
