import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { reasonOf } from '@polyrelay/essentials';
import { z } from 'zod';
import { ReceiverError } from '../errors.js';
import type { HandlerClass } from '../handler.js';
import { HANDLERS } from '../handlers/index.js';
import { HandlerSettings, ReceiverSettings } from '../settings.js';

/** What the command has beside the receiver's settings. */
export const CommandSettings = z.strictObject({
  key: z.string().min(1).optional().describe('the access token; better in RECEIVER_KEY or a file'),
  keyFile: z.string().min(1).optional().describe('file that holds the access token'),
  config: z.string().min(1).optional().describe('file with these settings and handlers (YAML or JSON)'),
  metricsPort: z
    .number()
    .int()
    .min(0)
    .max(65_535)
    .optional()
    .describe('port on 127.0.0.1 for Prometheus: /metrics'),
  quiet: z.boolean().default(false).describe('tell only what goes wrong'),
});

/** A handler as the command line or the config file names it. */
export interface NamedHandler {
  kind: string;
  /** Its own options and those of `HandlerSettings`, unchecked. */
  given: Record<string, unknown>;
}

export interface CommandLine {
  given: Record<string, unknown>;
  handlers: NamedHandler[];
}

/** An option as JSON Schema describes it. */
interface Property {
  type?: string;
  description?: string;
}

export const propertiesOf = (schema: z.ZodType): Record<string, Property> =>
  (z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }).properties ?? {}) as Record<
    string,
    Property
  >;

export const flagOf = (option: string): string =>
  `--${option.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;

const optionOf = (flag: string): string =>
  flag.replace(/-([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());

/**
 * Reads `--channel 1 --handler stdout --pretty --handler http --url …`: what follows a handler is the handler's.
 * @throws ReceiverError `USAGE`
 */
export async function readCommandLine(args: string[]): Promise<CommandLine> {
  const own = { ...propertiesOf(ReceiverSettings), ...propertiesOf(CommandSettings) };
  const line: CommandLine = { given: {}, handlers: [] };
  let scope = { owner: 'the receiver', properties: own, given: line.given };
  const rest = [...args];
  for (let arg = rest.shift(); arg !== undefined; arg = rest.shift()) {
    const [, flag, inline] = /^--([a-z][a-z0-9-]*)(?:=(.*))?$/is.exec(arg) ?? [];
    if (flag === undefined) throw usage(`“${arg}” is not an option`);
    const value = (): string => {
      const next = inline ?? rest.shift();
      if (next === undefined) throw usage(`--${flag} needs a value`);
      return next;
    };
    if (flag === 'handler') {
      const handler: NamedHandler = { kind: value(), given: {} };
      const type = await findHandler(handler.kind);
      scope = {
        owner: `the handler ${handler.kind}`,
        properties: { ...propertiesOf(HandlerSettings), ...propertiesOf(type.options) },
        given: handler.given,
      };
      line.handlers.push(handler);
      continue;
    }
    const off = flag.startsWith('no-') && scope.properties[optionOf(flag.slice(3))]?.type === 'boolean';
    const option = optionOf(off ? flag.slice(3) : flag);
    const property = scope.properties[option];
    if (property === undefined) throw usage(unknown(flag, scope.owner, option in own));
    const before = scope.given[option];
    scope.given[option] =
      property.type === 'boolean' ? flagValue(flag, !off, inline) : read(flag, property, value(), before);
  }
  return line;
}

const unknown = (flag: string, owner: string, isOwn: boolean): string =>
  isOwn && owner !== 'the receiver'
    ? `--${flag} stands behind ${owner}, which has no such option. Options of the receiver stand before the first --handler`
    : `--${flag} is not an option of ${owner}`;

function flagValue(flag: string, on: boolean, inline: string | undefined): boolean {
  if (inline === undefined || inline === String(on)) return on;
  if (inline === String(!on)) return !on;
  throw usage(`--${flag} is “${inline}”: say true or false`);
}

function read(flag: string, { type }: Property, text: string, before: unknown): unknown {
  if (type === 'number' || type === 'integer') {
    const value = Number(text);
    if (text.trim() === '' || !Number.isFinite(value))
      throw usage(`--${flag} is “${text}”, which is not a number`);
    return value;
  }
  if (type === 'array') return [...((before as unknown[]) ?? []), text];
  if (type === 'object') return { ...(before as object), ...pair(flag, text) };
  return text;
}

/** `Name: value` or JSON. */
function pair(flag: string, text: string): object {
  if (text.trimStart().startsWith('{'))
    try {
      return JSON.parse(text) as object;
    } catch (error) {
      throw usage(`--${flag} is not JSON: ${reasonOf(error)}`);
    }
  const [, name, value] = /^\s*([^:=\s]+)\s*[:=]\s*(.*)$/s.exec(text) ?? [];
  if (name === undefined) throw usage(`--${flag} is “${text}”: give it as “Name: value”`);
  return { [name]: value };
}

/** A handler that comes with the receiver, or the default export of a file. @throws ReceiverError `USAGE` */
export async function findHandler(kind: string): Promise<HandlerClass> {
  if (Object.hasOwn(HANDLERS, kind)) return HANDLERS[kind] as HandlerClass;
  const path = resolve(kind);
  if (!existsSync(path)) {
    const kinds = Object.keys(HANDLERS).join(', ');
    throw usage(`There is no handler “${kind}”. Use one of ${kinds}, or the path of a file`);
  }
  try {
    const { default: type } = (await import(pathToFileURL(path).href)) as { default?: unknown };
    if (isHandlerClass(type)) return type;
  } catch (error) {
    throw usage(`The handler ${kind} cannot be loaded: ${reasonOf(error)}`);
  }
  throw usage(
    `The default export of ${kind} is not a handler: a class with “options”, a schema of zod 4, and “handle”`,
  );
}

/** By what it has: the file may have its `Handler` from another copy of this package. */
function isHandlerClass(type: unknown): type is HandlerClass {
  if (typeof type !== 'function') return false;
  const { options, prototype } = type as { options?: object; prototype?: { handle?: unknown } };
  return options !== undefined && '_zod' in options && typeof prototype?.handle === 'function';
}

export const usage = (what: string): ReceiverError =>
  new ReceiverError('USAGE', `${what}. “receiver --help” lists the options.`);
