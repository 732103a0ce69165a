import type { Rule, RuleSource } from '@polyrelay/contract';
import { t } from '../../../strings';

/** So many sources are called by their names. */
export const MOST_NAMES = 2;

/** The ids a source names; none when it takes all. */
export const idsOf = (source: RuleSource): readonly string[] => {
  const chosen = source.kind === 'things' ? source.things : source.nodeServers;
  return chosen === 'all' ? [] : chosen;
};

/**
 * Where a rule takes from: “greenhouse, cellar and 3 more”.
 * @param nameOf name of what has this id; null: it is gone; undefined: not known yet
 */
export function sourceWords(source: RuleSource, nameOf: (id: string) => string | null | undefined): string {
  const words = t.channels.rules.sources;
  const drivers = source.kind === 'nodeServers' ? source.drivers : [];
  const names = idsOf(source)
    .slice(0, MOST_NAMES)
    .map(nameOf)
    .map((name) =>
      name === null ? (source.kind === 'things' ? words.goneThing : words.goneNodeServer) : (name ?? '…'),
    );
  const more = idsOf(source).length - names.length;
  const all = source.kind === 'things' ? words.allThings : words.allNodeServers;
  const [first = all, second] = names;
  const who =
    more > 0 ? words.more(names.join(', '), more) : second === undefined ? first : words.both(first, second);
  return drivers.length === 0 ? who : `${who}, ${words.drivers(drivers.join(', '))}`;
}

/** What a rule does with fields: “keeps all fields, renames 2”. */
export function mappingWords({ keep, rename }: Pick<Rule, 'keep' | 'rename'>): string {
  const renamed = Object.keys(rename).length;
  return [
    keep.length === 0 ? t.channels.rules.allFields : t.channels.rules.keepsFields(keep.length),
    ...(renamed === 0 ? [] : [t.channels.rules.renames(renamed)]),
  ].join(', ');
}
