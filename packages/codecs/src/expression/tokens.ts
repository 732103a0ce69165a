import { ExpressionError } from './error.js';

/** One word of an expression. */
export type Token = { position: number } & (
  | { kind: 'number'; value: number }
  /** `mask`: the text as a mask, where it has a `*` or `?` that is not escaped. */
  | { kind: 'string'; value: string; mask: string | undefined }
  /** A field’s or function’s name, as written, with its `$`. */
  | { kind: 'name'; value: string }
  | { kind: 'sign'; value: string }
  | { kind: 'end' }
);

// Names may have parts that begin with a digit, as in `din.1`. Those with other signs, as things have them, stand in
// backquotes: `engine-hours`; without them the sign is a minus.
const PATTERN =
  /\s+|(?<number>(?:0x[0-9a-f]+|(?:\d+(?:\.\d+)?|\.\d+)(?:e[+-]?\d+)?)(?![\p{L}\p{N}_.$]))|(?<name>\$?(?:`[^`]+`|[\p{L}_][\p{L}\p{N}_]*(?:\.[\p{L}\p{N}_]+)*))|(?<string>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|(?<sign>&&|\|\||<<|>>|==|!=|<>|<=|>=|[=<>~!+\-*/%&|^(),])/suy;

/** Splits an expression into its words. @throws ExpressionError */
export function readTokens(text: string): Token[] {
  const tokens: Token[] = [];
  const pattern = new RegExp(PATTERN.source, 'isuy');
  while (pattern.lastIndex < text.length) {
    const position = pattern.lastIndex;
    const groups = pattern.exec(text)?.groups;
    if (groups === undefined) throw unreadable(text, position);
    const { number, name, string, sign } = groups;
    if (number !== undefined) tokens.push({ kind: 'number', value: readNumber(number, position), position });
    else if (name !== undefined) tokens.push({ kind: 'name', value: name.replaceAll('`', ''), position });
    else if (string !== undefined) tokens.push({ kind: 'string', ...readString(string), position });
    else if (sign !== undefined) tokens.push({ kind: 'sign', value: sign, position });
  }
  return [...tokens, { kind: 'end', position: text.length }];
}

function readNumber(text: string, position: number): number {
  const value = Number(text);
  if (!Number.isFinite(value)) throw new ExpressionError('This number is too great', position);
  return value;
}

/** Quotes and escapes away; `\*` and `\?` stay escaped in the mask. */
function readString(quoted: string): { value: string; mask: string | undefined } {
  const inner = quoted.slice(1, -1);
  const value = inner.replace(/\\(.)/gsu, '$1');
  const isMask = /[*?]/.test(inner.replace(/\\./gsu, ''));
  return { value, mask: isMask ? inner : undefined };
}

function unreadable(text: string, position: number): ExpressionError {
  const first = String.fromCodePoint(text.codePointAt(position) ?? 0);
  if (first === '"' || first === "'") return new ExpressionError('This text has no closing quote', position);
  if (/[\d.]/.test(first)) return new ExpressionError('This is not a number', position);
  return new ExpressionError(`“${first}” means nothing here`, position);
}
