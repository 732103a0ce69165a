import { formatValue } from '@polyrelay/codecs';
import type { ProfileDescription } from '@polyrelay/contract';
import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import type { Series } from '../../../ui/plot';
import { historyQuery, serverQuery } from '../queries';
import { nodedefOf, read } from './describe';

const POINTS = 1000;

/** `address.driver` taken apart. */
export const split = (plot: string): [string, string] => {
  const at = plot.indexOf('.');
  return [plot.slice(0, at), plot.slice(at + 1)];
};

/** A driver's recorded values over the last `ms`, growing with what arrives live. */
export function useSeries(
  id: string,
  profile: ProfileDescription | undefined,
  plot: string | undefined,
  ms: number,
) {
  const [address, driver] = split(plot ?? '.');
  const history = useQuery({ ...historyQuery(id, address, driver, ms, POINTS), enabled: plot !== undefined });
  const node = useQuery({ ...serverQuery(id), select: (data) => data.nodes.byAddress.get(address) }).data;
  const raw = node?.drivers[driver];
  const reading = node && raw ? read(driver, raw, nodedefOf(profile, node)) : null;
  const title = node && reading ? `${reading.name} · ${node.name}` : undefined;
  const { data } = history;
  const editor = reading?.editor ?? null;
  const [value, changedAt] = [reading?.number ?? null, raw?.changedAt];
  const series = useMemo((): Series | null => {
    if (!data || plot === undefined) return null;
    const at = changedAt ? Date.parse(changedAt) : 0;
    const isNewer = value !== null && at > (data.times.at(-1) ?? 0) && Date.now() - at < ms;
    return {
      label: title ?? plot,
      times: isNewer ? [...data.times, at] : data.times,
      values: isNewer ? [...data.values, value] : data.values,
      format: (each) => formatValue(editor, { value: each, uom: data.uom }),
    };
  }, [data, plot, title, editor, value, changedAt, ms]);
  return { series, title, error: history.error, retry: () => void history.refetch() };
}
