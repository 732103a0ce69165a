import { isKept, type Rule, RuleMapping, type RuleRequest, type RuleSource } from '@polyrelay/contract';
import type { Errors } from '../../../lib/form';
import { t } from '../../../strings';

/** Of a kind, all there are and will be, or these. */
export interface Chosen {
  isAll: boolean;
  ids: string[];
}

/** A field's new name; `id` is the row's, while it is edited. */
export interface RenameRow {
  id: number;
  from: string;
  to: string;
}

/** A rule as the form has it. */
export interface RuleValues {
  name: string;
  kind: RuleSource['kind'];
  things: Chosen;
  nodeServers: Chosen;
  /** Separated by commas or spaces. */
  drivers: string;
  keepsAll: boolean;
  keep: string[];
  rename: RenameRow[];
}

/** These two are in every message, under these names. */
const ALWAYS: readonly string[] = ['ident', 'timestamp'];

/** The form's values of a rule, or of a new one. */
export function ruleValues(rule?: Pick<Rule, 'name' | 'source' | 'keep' | 'rename'>): RuleValues {
  const { name = '', source = { kind: 'things', things: 'all' }, keep = [], rename = {} } = rule ?? {};
  return {
    name,
    kind: source.kind,
    things: chosenOf(source.kind === 'things' ? source.things : 'all'),
    nodeServers: chosenOf(source.kind === 'nodeServers' ? source.nodeServers : 'all'),
    drivers: source.kind === 'nodeServers' ? source.drivers.join(', ') : '',
    keepsAll: keep.length === 0,
    keep,
    rename: Object.entries(rename).map(([from, to], id) => ({ id, from, to })),
  };
}

const chosenOf = (chosen: 'all' | string[]): Chosen =>
  chosen === 'all' ? { isAll: true, ids: [] } : { isAll: false, ids: chosen };
const idsOf = ({ isAll, ids }: Chosen): 'all' | string[] => (isAll ? 'all' : ids);

/** Where a rule takes its messages from, of what is chosen. */
export const sourceOf = ({ kind, things, nodeServers, drivers }: RuleValues): RuleSource =>
  kind === 'things'
    ? { kind, things: idsOf(things) }
    : { kind, nodeServers: idsOf(nodeServers), drivers: drivers.split(/[\s,]+/).filter(Boolean) };

/** What the rule does with fields. Rows that nothing was written in count for nothing. */
export const mappingOf = ({ keepsAll, keep, rename }: RuleValues): RuleMapping => ({
  keep: keepsAll ? [] : keep,
  rename: Object.fromEntries(rename.filter(isWritten).map(({ from, to }) => [from.trim(), to.trim()])),
});

/**
 * The mapping as far as it is right, for the preview: renamings that are complete; and where no field is chosen yet,
 * what is always kept.
 */
export function previewMapping(values: RuleValues): RuleMapping {
  const errors = renameErrors(values.rename);
  const isRight = ({ id }: RenameRow) => !(`rename.${id}.from` in errors || `rename.${id}.to` in errors);
  const { keep, rename } = mappingOf({ ...values, rename: values.rename.filter(isRight) });
  return { keep: values.keepsAll || keep.length > 0 ? keep : [...ALWAYS], rename };
}

const isWritten = ({ from, to }: RenameRow): boolean => from.trim() !== '' || to.trim() !== '';

/** What the contract takes. */
export const requestOf = (values: RuleValues): Omit<RuleRequest, 'enabled'> => ({
  name: values.name.trim(),
  source: sourceOf(values),
  ...mappingOf(values),
});

/** What is wrong that the contract says in other words, or at another place. */
export function ruleErrors(values: RuleValues): Errors {
  const { kind, keepsAll, keep } = values;
  const chosen = values[kind];
  return {
    ...(!chosen.isAll && chosen.ids.length === 0 ? { [kind]: t.channels.rules.chooseOne[kind] } : {}),
    ...(!keepsAll && keep.length === 0 ? { keep: t.channels.rules.keepOne } : {}),
    ...renameErrors(values.rename),
  };
}

/** By `rename.<row>.from` and `.to`; and under `rename`, that there is something. */
function renameErrors(rows: readonly RenameRow[]): Errors {
  const errors: Errors = {};
  const written = rows.filter(isWritten);
  for (const { id, from, to } of written) {
    const others = written.filter((row) => row.id !== id);
    const wrongFrom = wrongOldName(from.trim(), others);
    const wrongTo = wrongNewName(to.trim(), others);
    if (wrongFrom) errors[`rename.${id}.from`] = wrongFrom;
    if (wrongTo) errors[`rename.${id}.to`] = wrongTo;
  }
  const [first] = Object.values(errors);
  return first === undefined ? {} : { ...errors, rename: first };
}

function wrongOldName(from: string, others: readonly RenameRow[]): string | undefined {
  if (ALWAYS.includes(from)) return t.channels.rules.alwaysNamed(from);
  if (from !== '' && others.some((row) => row.from.trim() === from)) return t.channels.rules.renamedTwice;
  return wrongName(from);
}

function wrongNewName(to: string, others: readonly RenameRow[]): string | undefined {
  if (to !== '' && others.some((row) => row.to.trim() === to)) return t.channels.rules.sameName;
  return wrongName(to);
}

/** What is wrong with the name of a field; undefined: nothing. */
export const wrongName = (name: string): string | undefined =>
  RuleMapping.shape.keep.safeParse([name]).error?.issues[0]?.message;

/** Whether a renaming has no effect: its field is not kept. */
export const isIdle = ({ from }: RenameRow, { keepsAll, keep }: RuleValues): boolean =>
  from.trim() !== '' && !isKept(from.trim(), keepsAll ? [] : keep);

/** Where an error of the request stands in the form. */
export function fieldOf(path: string): string {
  const [first = '', second = ''] = path.split('.');
  if (first === 'source') return second || 'things';
  return first;
}
