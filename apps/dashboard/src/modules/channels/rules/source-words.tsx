import type { RuleSource } from '@polyrelay/contract';
import { useQueries, useQuery } from '@tanstack/react-query';
import { listQuery } from '../../../lib/node-servers';
import { splitName } from '../../../lib/split-name';
import { thingNameQuery } from '../../../lib/things';
import { idsOf, MOST_NAMES, sourceWords } from './words';

type NameOf = (id: string) => string | null | undefined;

/** Names of these things, as their owner chose them; null: it is gone. */
export function useThingNames(ids: readonly string[]): NameOf {
  const names = useQueries({ queries: ids.map((id) => thingNameQuery(id)) });
  return (id) => {
    const name = names[ids.indexOf(id)]?.data;
    return typeof name === 'string' ? splitName(name).label : name;
  };
}

/** Names of node servers; null: it is gone. */
export function useNodeServerNames(isWanted: boolean): NameOf {
  const { data } = useQuery({ ...listQuery, enabled: isWanted });
  return (id) => data && (data.find((server) => server.id === id)?.name ?? null);
}

/** Where a rule takes from. */
export function SourceWords({ source }: { source: RuleSource }) {
  const isThings = source.kind === 'things';
  const thingName = useThingNames(isThings ? idsOf(source).slice(0, MOST_NAMES) : []);
  const nodeServerName = useNodeServerNames(!isThings);
  return sourceWords(source, isThings ? thingName : nodeServerName);
}
