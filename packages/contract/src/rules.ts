import { z } from 'zod';
import { isIdent, MAX_IDENT } from './channels.js';
import { Id, Timestamp } from './common.js';

/** A channel has so many rules at the most. */
export const MAX_CHANNEL_RULES = 100;

/** All of a kind the owner has, also what comes later, or these. */
const chosen = <T extends z.ZodType>(item: T) =>
  z.union([z.literal('all'), z.array(item).min(1, 'Choose at least one').max(500)]);

/** Where the messages of a rule come from. */
export const RuleSource = z.discriminatedUnion('kind', [
  /** Messages collected from things: the fields of their JSON, in dotted names. */
  z.object({ kind: z.literal('things'), things: chosen(Id) }),
  /** Driver values of node servers, each change one message. */
  z.object({
    kind: z.literal('nodeServers'),
    nodeServers: chosen(Id),
    /** Driver names such as `ST`; empty: all. */
    drivers: z.array(z.string().trim().min(1).max(50)).max(100).default([]),
  }),
]);
export type RuleSource = z.infer<typeof RuleSource>;

/** Name of a field of a message, dotted: `position.latitude`. */
const FieldName = z
  .string()
  .trim()
  .min(1, 'Write the name of a field, such as battery.level')
  .max(200)
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is refused
  .regex(/^[^\u0000-\u001f\u007f]*$/, 'Leave out control characters');

/** How a rule makes a channel's message of a fact: keep, then rename. `ident` and `timestamp` always stay. */
export const RuleMapping = z.object({
  /** Fields that are kept, by their name before renaming; `position.*` means all below. Empty: all. */
  keep: z.array(FieldName).max(200).default([]),
  /** New names by the old ones. */
  rename: z
    .record(FieldName, FieldName)
    .refine((names) => Object.keys(names).length <= 200, 'Rename at most 200 fields')
    .default({}),
});
export type RuleMapping = z.infer<typeof RuleMapping>;

/** `POST /api/channels/{id}/rules`. */
export const RuleRequest = RuleMapping.extend({
  name: z.string().trim().max(100).default(''),
  enabled: z.boolean().default(true),
  source: RuleSource,
});
export type RuleRequest = z.input<typeof RuleRequest>;

/** `PATCH /api/channels/{id}/rules/{ruleId}`. */
export const RuleChange = z.object({
  name: z.string().trim().max(100).optional(),
  enabled: z.boolean().optional(),
  source: RuleSource.optional(),
  keep: RuleMapping.shape.keep.unwrap().optional(),
  rename: RuleMapping.shape.rename.unwrap().optional(),
});
export type RuleChange = z.infer<typeof RuleChange>;

/** Routes facts into a channel. */
export const Rule = z
  .object({
    id: Id,
    channelId: z.number().int(),
    name: z.string(),
    enabled: z.boolean(),
    source: RuleSource,
    keep: z.array(z.string()),
    rename: z.record(z.string(), z.string()),
    createdAt: Timestamp,
    /** Messages it has added, and when the last one. */
    added: z.number().int(),
    lastAt: Timestamp.nullable(),
  })
  .meta({ id: 'Rule' });
export type Rule = z.infer<typeof Rule>;
export const Rules = z.object({ items: z.array(Rule) });

/** A flat message on its way into a channel. */
export type FlatMessage = { ident: string; timestamp: number } & Record<string, unknown>;

/** `POST /api/channels/{id}/rules/preview`: what a rule would make of the latest facts. */
export const RulePreviewRequest = RuleMapping.extend({ source: RuleSource });
export type RulePreviewRequest = z.input<typeof RulePreviewRequest>;
export const RulePreview = z.object({
  items: z.array(
    z.object({
      at: Timestamp,
      /** Name of the thing or the node. */
      from: z.string(),
      before: z.record(z.string(), z.unknown()),
      after: z.record(z.string(), z.unknown()),
    }),
  ),
  /** Every field that was seen, to choose from. */
  fields: z.array(z.string()),
});
export type RulePreview = z.infer<typeof RulePreview>;

/** Applies keep and rename. Where two fields get one name, the renamed one wins. */
export function mapMessage(message: FlatMessage, { keep, rename }: RuleMapping): FlatMessage {
  if (keep.length === 0 && Object.keys(rename).length === 0) return message;
  const kept = Object.entries(message).filter(([name]) => isKept(name, keep));
  const plain = kept.filter(([name]) => !isRenamed(name, rename));
  const renamed = kept
    .filter(([name]) => isRenamed(name, rename))
    .map(([name, value]) => [rename[name], value] as const);
  const { ident, timestamp } = message;
  const fields = Object.fromEntries([...plain, ...renamed]);
  return { ...fields, ...fixed(ident, timestamp, renamed) };
}

const ALWAYS = new Set(['ident', 'timestamp']);

const isRenamed = (name: string, rename: Record<string, string>): boolean =>
  !ALWAYS.has(name) && Object.hasOwn(rename, name);

/** Whether a field, by its name before renaming, stays. */
export function isKept(name: string, keep: readonly string[]): boolean {
  if (keep.length === 0 || ALWAYS.has(name)) return true;
  return keep.some((wanted) =>
    wanted.endsWith('.*') ? name.startsWith(wanted.slice(0, -1)) : wanted === name,
  );
}

/** A field may be renamed to `ident` or `timestamp` if it can be one; else the source's own stays. */
function fixed(
  ident: string,
  timestamp: number,
  renamed: (readonly [string | undefined, unknown])[],
): { ident: string; timestamp: number } {
  const values = new Map(renamed);
  const [newIdent, newTime] = [values.get('ident'), values.get('timestamp')];
  return {
    ident: usableIdent(newIdent) ?? ident,
    timestamp: typeof newTime === 'number' && Number.isFinite(newTime) && newTime >= 0 ? newTime : timestamp,
  };
}

/** A text or number as an ident; undefined when it cannot be one. */
export function usableIdent(value: unknown): string | undefined {
  const text = typeof value === 'number' ? String(value) : value;
  return typeof text === 'string' && isIdent(text) ? text : undefined;
}

/** Any text as an ident: what must not be in one becomes “_”, and what is too long is cut. */
export const identFrom = (text: string): string =>
  [...text.replace(/[#+/\p{Cc}\p{Surrogate}]/gu, '_')].slice(0, MAX_IDENT / 2).join('') || '_';

/**
 * Names of a JSON value's fields, dotted: `{"a":{"b":1}}` is `a.b`. Lists stay as they are; a bare value is `value`.
 * @param maxNames characters of all names at the most: each repeats those above it, which can be much longer than the
 *   value itself
 * @throws RangeError when there are more
 */
export function flatten(value: unknown, maxNames = Number.POSITIVE_INFINITY): Record<string, unknown> {
  if (!isObject(value)) return { value };
  const flat: [name: string, value: unknown][] = [];
  const waiting: [prefix: string, object: Record<string, unknown>][] = [['', value]];
  let names = 0;
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const [prefix, object] = next;
    for (const [name, inner] of Object.entries(object)) {
      names += prefix.length + name.length;
      if (names > maxNames) throw new RangeError('The names of the fields are too long together');
      if (isObject(inner)) waiting.push([`${prefix}${name}.`, inner]);
      else flat.push([prefix + name, inner]);
    }
  }
  return Object.fromEntries(flat);
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
