/** A field that can be kept, or all below a name (`position.*`). */
export interface FieldChoice {
  name: string;
  /** How deep it is drawn: below its group. */
  depth: 0 | 1;
  /** Among the fields that were seen; of a group, one of its fields. */
  isSeen: boolean;
}

/** In every message, kept or not. */
const ALWAYS = new Set(['ident', 'timestamp']);

/**
 * What can be kept: the fields that were seen, those of one first level below their group where there are several, and
 * what is kept already.
 */
export function fieldChoices(seen: readonly string[], kept: readonly string[]): FieldChoice[] {
  const fields = new Set(seen.filter((name) => !ALWAYS.has(name)));
  const groups = new Map<string, string[]>();
  for (const name of new Set([...fields, ...kept])) {
    const group = groupOf(name);
    groups.set(group, [...(groups.get(group) ?? []), name]);
  }
  return [...groups].sort(byName).flatMap(([group, names]) => choicesOf(group, names, fields));
}

const byName = ([a]: [string, unknown], [b]: [string, unknown]): number => a.localeCompare(b, 'en');

/** `position` of `position.latitude`; the name itself where it has one level. */
const groupOf = (name: string): string => name.split('.', 1)[0] as string;

function choicesOf(group: string, names: readonly string[], seen: ReadonlySet<string>): FieldChoice[] {
  const all = `${group}.*`;
  const below = names.filter((name) => name !== all && name.startsWith(`${group}.`)).sort();
  const isGroup = below.length > 1 || names.includes(all);
  const choice = (name: string, depth: 0 | 1): FieldChoice => ({ name, depth, isSeen: seen.has(name) });
  return [
    ...(names.includes(group) ? [choice(group, 0)] : []),
    ...(isGroup ? [{ name: all, depth: 0 as const, isSeen: below.some((name) => seen.has(name)) }] : []),
    ...below.map((name) => choice(name, isGroup ? 1 : 0)),
  ];
}

/** The kept names after one is chosen, or no longer: a group takes the place of what is below it. */
export function withKept(kept: readonly string[], name: string, isOn: boolean): string[] {
  if (!isOn) return kept.filter((each) => each !== name);
  const rest = name.endsWith('.*') ? kept.filter((each) => !each.startsWith(name.slice(0, -1))) : kept;
  return rest.includes(name) ? [...rest] : [...rest, name];
}
