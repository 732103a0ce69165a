import type { ProfileDescription } from '@polyrelay/contract';
import { useQueryClient } from '@tanstack/react-query';
import { t } from '../../../strings';
import { Select } from '../../../ui/select';
import type { ServerFacts } from '../node-map';
import { serverQuery } from '../queries';
import { nodedefOf, type Reading, readings } from './describe';
import { split } from './use-series';

/** Which other value to draw beside the first: those of the same node come first. */
export function CompareSelect({
  server,
  profile,
  plot,
  value,
  onChange,
}: {
  server: ServerFacts;
  profile: ProfileDescription | undefined;
  plot: string;
  value: string;
  onChange: (value: string) => void;
}) {
  const client = useQueryClient();
  const nodes = [...(client.getQueryData(serverQuery(server.id).queryKey)?.nodes.byAddress.values() ?? [])];
  const [own] = split(plot);
  const plottable = (each: Reading) => each.number !== null;
  return (
    <Select aria-label={t.plot.compare} value={value} onChange={onChange} className="max-w-full sm:max-w-64">
      <option value="">{t.plot.noCompare}</option>
      {nodes
        .sort((a, b) => Number(b.address === own) - Number(a.address === own) || a.name.localeCompare(b.name))
        .map((node) => (
          <optgroup key={node.address} label={node.name}>
            {readings(node, nodedefOf(profile, node))
              .filter(plottable)
              .map(({ driver, name }) => ({ id: `${node.address}.${driver}`, name }))
              .filter(({ id }) => id !== plot)
              .map(({ id, name }) => (
                <option key={id} value={id}>
                  {name}
                </option>
              ))}
          </optgroup>
        ))}
    </Select>
  );
}
