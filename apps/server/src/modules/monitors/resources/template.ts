import { escapeXml } from '@polyrelay/codecs/xml';
import Handlebars from 'handlebars';
import { DomainError, messageOf } from '#core/errors.js';
import type { PushMessage } from '../types.js';
import type { PayloadFormat } from './types.js';

/** What one rendering may do at the most. */
const MAX_ITERATIONS = 100_000;
const MAX_MS = 200;
const MAX_CHARACTERS = 16 * 1024 * 1024;
const MAX_COMPILED = 200;
/** What a template may consist of: compiling takes longer than in proportion, and all others wait meanwhile. */
const MAX_EXPRESSIONS = 500;
const MAX_NODES = 5000;
const MAX_INSIDE = 16_384;
const MAX_DEPTH = 32;
/** A template that did too much is left alone for so long: the next payload would take as much of everybody’s time. */
const REST_MS = 60_000;

/** What templates may call; nothing else is found, and no prototype is reached. */
const HELPERS = ['json', 'if', 'unless', 'each', 'with', 'lookup'];
const OPTIONS = {
  knownHelpers: { ...Object.fromEntries(HELPERS.map((name) => [name, true])), log: false },
  knownHelpersOnly: true,
  // The values are escaped beforehand where that is needed: an expression then costs no copy.
  noEscape: true,
};
/** Parts that call themselves would never end. */
const REFUSED: Record<string, string> = {
  PartialStatement: 'partials',
  PartialBlockStatement: 'partials',
  Decorator: 'decorators',
  DecoratorBlock: 'decorators',
};

/** Said aloud, so that Handlebars does not warn on the console of each try. */
const RUNTIME = { allowProtoMethodsByDefault: false, allowProtoPropertiesByDefault: false };

type Render = Handlebars.TemplateDelegate;
type Format = PayloadFormat['formatType'];

/** More than one rendering may do. */
class TooMuch extends Error {}

/** What is left of the bounds in the rendering that runs: it never waits, so there is one at a time. */
let budget = { iterations: 0, characters: 0, until: 0 };

const handlebars = isolated();

function isolated(): typeof Handlebars {
  const env = Handlebars.create();
  for (const name of Object.keys(env.helpers)) {
    if (!HELPERS.includes(name) && !/^(?:block)?helperMissing$/i.test(name)) env.unregisterHelper(name);
  }
  const each = env.helpers.each as Handlebars.HelperDelegate;
  env.registerHelper('json', (...given: unknown[]) => (given.length < 2 ? '' : jsonOf(given[0])));
  env.registerHelper('each', function (this: unknown, ...given: unknown[]) {
    const options = given.at(-1) as Handlebars.HelperOptions;
    const fn = (...args: Parameters<typeof options.fn>): string => {
      if (--budget.iterations < 0) throw new TooMuch(`it repeats more than ${MAX_ITERATIONS} times`);
      inTime();
      return bounded(options.fn(...args));
    };
    return bounded(each.call(this, ...given.slice(0, -1), { ...options, fn }));
  });
  return env;
}

function jsonOf(value: unknown): string {
  inTime();
  const text = JSON.stringify(value) ?? 'null';
  budget.characters -= text.length;
  if (budget.characters < 0) throw new TooMuch(`it makes more than ${MAX_CHARACTERS} characters`);
  return text;
}

function inTime(): void {
  if (Date.now() > budget.until) throw new TooMuch(`it takes longer than ${MAX_MS} ms`);
}

function bounded(text: string): string {
  if (text.length > MAX_CHARACTERS) throw new TooMuch(`it makes more than ${MAX_CHARACTERS} characters`);
  return text;
}

/** Says whether a Handlebars template can be used. @throws invalid `invalidTemplate`, with line and column */
export function checkTemplate(text: string): void {
  try {
    refuseMany(text);
    const ast = handlebars.parse(text);
    refuseParts(ast, { nodes: 0 }, 0);
    handlebars.precompile(ast, OPTIONS);
  } catch (error) {
    if (error instanceof DomainError) throw error;
    const { line, column, words } = placeOfError(text, error);
    throw invalid(words, line, column);
  }
}

const invalid = (words: string, line: number, column: number): DomainError => {
  const message = `The template cannot be used: ${words} (line ${line}, column ${column}).`;
  return new DomainError('invalid', 'invalidTemplate', message, {
    errors: [{ path: 'schemaData', message }],
  });
};

/** Looks at the text before it is parsed: nested deep, it takes the parser minutes. */
function refuseMany(text: string): void {
  let [expressions, nested, from, inside] = [0, 0, -1, 0];
  for (const { 0: sign, index } of text.matchAll(/\{\{|\}\}|[()]/g)) {
    const refuse = (words: string): never => {
      const lines = text.slice(0, index).split('\n');
      throw invalid(words, lines.length, (lines.at(-1)?.length ?? 0) + 1);
    };
    if (sign === '{{') {
      if (++expressions > MAX_EXPRESSIONS) refuse(`it has more than ${MAX_EXPRESSIONS} expressions`);
      from = index;
      nested = 0;
    } else if (from === -1) continue;
    else if (sign === '(' && ++nested > MAX_DEPTH) refuse(`it is nested more than ${MAX_DEPTH} deep`);
    else if (sign === ')') nested--;
    else if (sign === '}}') {
      inside += index - from;
      if (inside > MAX_INSIDE) refuse(`its expressions have more than ${MAX_INSIDE} characters together`);
      from = -1;
    }
  }
}

const NESTED = new Set(['BlockStatement', 'SubExpression']);

/** Looks through all of the syntax tree, as far as it may go. */
function refuseParts(node: unknown, seen: { nodes: number }, depth: number): void {
  if (typeof node !== 'object' || node === null) return;
  const { type, loc, parts } = node as {
    type?: string;
    loc?: { start: { line: number; column: number } };
    parts?: unknown[];
  };
  const refuse = (words: string): never => {
    throw invalid(words, loc?.start.line ?? 1, (loc?.start.column ?? 0) + 1);
  };
  const refused = type === undefined ? undefined : REFUSED[type];
  if (refused !== undefined) refuse(`there are no ${refused}`);
  if (type !== undefined && ++seen.nodes > MAX_NODES)
    refuse(`it has more than ${MAX_NODES} names and values`);
  if ((parts?.length ?? 0) > MAX_DEPTH) refuse(`a name has more than ${MAX_DEPTH} parts`);
  const inner = type !== undefined && NESTED.has(type) ? depth + 1 : depth;
  if (inner > MAX_DEPTH) refuse(`it is nested more than ${MAX_DEPTH} deep`);
  for (const [key, value] of Object.entries(node)) {
    if (key === 'loc') continue;
    if (Array.isArray(value)) for (const one of value) refuseParts(one, seen, inner);
    else refuseParts(value, seen, inner);
  }
}

/** Handlebars tells the column of some mistakes by a mark below a piece of the text, of others in figures. */
function placeOfError(text: string, error: unknown): { line: number; column: number; words: string } {
  const { lineNumber, column } = error as { lineNumber?: number; column?: number };
  const message = messageOf(error);
  if (lineNumber !== undefined)
    return { line: lineNumber, column: (column ?? 0) + 1, words: message.replace(/ - \d+:\d+$/, '') };
  const [head = '', shown = '', mark = '', ...rest] = message.split('\n');
  const words = rest
    .join(' ')
    .replaceAll(/'(?:ID|INVALID)'/g, (name) => (name === "'ID'" ? 'a name' : 'this'));
  const past = shown.slice(0, mark.indexOf('^')).replace(/^\.\.\./, '');
  const next = shown.slice(mark.indexOf('^')).replace(/\.\.\.$/, '');
  const flat = text.replaceAll('\n', '');
  let left = Math.max(0, flat.indexOf(past + next)) + past.length;
  for (const [i, line] of text.split('\n').entries()) {
    if (left <= line.length && mark !== '') return { line: i + 1, column: left + 1, words };
    left -= line.length;
  }
  return { line: Number(/line (\d+)/.exec(head)?.[1] ?? 1), column: 1, words: words || head };
}

/** Templates that are in use, compiled. */
export class Templates {
  readonly #compiled = new Map<string, Render>();
  /** Those that did too much, and until when they are left alone. */
  readonly #resting = new Map<string, number>();

  /** @throws Error: the template fails, or does too much */
  render(text: string, messages: readonly PushMessage[], format: Format): string {
    if ((this.#resting.get(text) ?? 0) > performance.now())
      throw new TooMuch(`it did too much, and is not tried again for ${REST_MS / 1000} seconds`);
    try {
      return this.#render(text, messages, format);
    } catch (error) {
      if (error instanceof TooMuch) this.#rest(text);
      throw error;
    }
  }

  #rest(text: string): void {
    if (this.#resting.size >= MAX_COMPILED) this.#resting.clear();
    this.#resting.set(text, performance.now() + REST_MS);
  }

  #render(text: string, messages: readonly PushMessage[], format: Format): string {
    let render = this.#compiled.get(text);
    if (render === undefined) {
      checkTemplate(text);
      render = handlebars.compile(text, OPTIONS);
      if (this.#compiled.size >= MAX_COMPILED) this.#compiled.clear();
      this.#compiled.set(text, render);
    }
    const events = messages.map((message) => contextOf(message, format));
    budget = { iterations: MAX_ITERATIONS, characters: MAX_CHARACTERS, until: Date.now() + MAX_MS };
    return bounded(render({ Document: { Msg: events.length === 1 ? events[0] : events }, events }, RUNTIME));
  }
}

/** A message as plain data; in XML each text of it is escaped. */
const contextOf = ({ json }: PushMessage, format: Format): unknown =>
  JSON.parse(json, (_key, value: unknown) => {
    if (format !== 'xml') return value;
    if (typeof value === 'string') return escapeXml(value);
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
    return Object.fromEntries(Object.entries(value).map(([key, member]) => [escapeXml(key), member]));
  });
