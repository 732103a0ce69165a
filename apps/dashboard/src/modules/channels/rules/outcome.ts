import { isKept, type RuleMapping } from '@polyrelay/contract';

/** What becomes of a field: it stays, gets another name, or is left out. */
export interface FieldBefore {
  name: string;
  value: unknown;
  fate: 'kept' | 'renamed' | 'leftOut';
  /** Its new name. */
  to?: string;
}

export interface FieldAfter {
  name: string;
  value: unknown;
  /** The name is not the one it came with. */
  isRenamed: boolean;
}

type Flat = Readonly<Record<string, unknown>>;

const ALWAYS = ['ident', 'timestamp'];

/** The fields of a message, with what a mapping does to each. */
export function fieldsBefore(before: Flat, { keep, rename }: RuleMapping): FieldBefore[] {
  const isRenamed = (name: string) => !ALWAYS.includes(name) && Object.hasOwn(rename, name);
  const taken = new Set(
    Object.keys(before)
      .filter((name) => isRenamed(name) && isKept(name, keep))
      .map((name) => rename[name]),
  );
  return Object.entries(before).map(([name, value]): FieldBefore => {
    if (!isKept(name, keep)) return { name, value, fate: 'leftOut' };
    const to = isRenamed(name) ? rename[name] : undefined;
    if (to !== undefined) return { name, value, fate: 'renamed', to };
    // Another field has its name now.
    return { name, value, fate: taken.has(name) && !ALWAYS.includes(name) ? 'leftOut' : 'kept' };
  });
}

/** The fields that come out, those that lead every message first. */
export function fieldsAfter(before: Flat, after: Flat, mapping: RuleMapping): FieldAfter[] {
  const renamed = new Set(
    fieldsBefore(before, mapping).flatMap(({ fate, to }) =>
      fate === 'renamed' && to !== undefined ? [to] : [],
    ),
  );
  const names = [...ALWAYS.filter((name) => name in after), ...Object.keys(after)];
  return [...new Set(names)].map((name) => ({ name, value: after[name], isRenamed: renamed.has(name) }));
}
