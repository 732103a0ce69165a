import Handlebars from 'handlebars';
import { DomainError, messageOf } from '#core/errors.js';
import type { PushMessage } from '../types.js';
import type { PayloadFormat } from './types.js';
import { escapeXml } from './xml.js';

/** What one rendering may do at the most. */
const MAX_ITERATIONS = 100_000;
const MAX_MS = 500;
const MAX_CHARACTERS = 16 * 1024 * 1024;
const MAX_COMPILED = 200;

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
      if (--budget.iterations < 0) throw new Error(`it repeats more than ${MAX_ITERATIONS} times`);
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
  if (budget.characters < 0) throw new Error(`it makes more than ${MAX_CHARACTERS} characters`);
  return text;
}

function inTime(): void {
  if (Date.now() > budget.until) throw new Error(`it takes longer than ${MAX_MS} ms`);
}

function bounded(text: string): string {
  if (text.length > MAX_CHARACTERS) throw new Error(`it makes more than ${MAX_CHARACTERS} characters`);
  return text;
}

/** Says whether a Handlebars template can be used. @throws invalid `invalidTemplate`, with line and column */
export function checkTemplate(text: string): void {
  try {
    const ast = handlebars.parse(text);
    refuseParts(ast);
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

/** Looks through all of the syntax tree. */
function refuseParts(node: unknown): void {
  if (typeof node !== 'object' || node === null) return;
  const { type, loc } = node as { type?: string; loc?: { start: { line: number; column: number } } };
  const refused = type === undefined ? undefined : REFUSED[type];
  if (refused !== undefined)
    throw invalid(`there are no ${refused}`, loc?.start.line ?? 1, (loc?.start.column ?? 0) + 1);
  for (const value of Object.values(node)) {
    if (Array.isArray(value)) value.forEach(refuseParts);
    else refuseParts(value);
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

  /** @throws Error: the template fails, or does too much */
  render(text: string, messages: readonly PushMessage[], format: Format): string {
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
