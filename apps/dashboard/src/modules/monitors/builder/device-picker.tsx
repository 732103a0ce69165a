import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useId, useState } from 'react';
import { listQuery } from '../../../lib/node-servers';
import { splitName } from '../../../lib/split-name';
import { thingsQuery } from '../../../lib/things';
import { useTyped } from '../../../lib/use-typed';
import { t } from '../../../strings';
import { SearchInput } from '../../../ui/search-input';
import { ThingName } from '../../../ui/thing-name';

export type DeviceKind = 'nodeServer' | 'thing';

interface Props {
  kinds: readonly DeviceKind[];
  /** Id of the one that is chosen; undefined: all. */
  value: string | undefined;
  /** What the chosen one is called, where that is known. */
  name: string | undefined;
  onChange: (id: string | undefined, kind: DeviceKind) => void;
}

/** All devices or one of them, by name. */
export function DevicePicker({ kinds, value, name, onChange }: Props) {
  const group = useId();
  const [search, setSearch] = useState('');
  const [typed, setTyped] = useTyped(search, (text) => setSearch(text.trim().slice(0, 100)));
  const servers = useQuery({ ...listQuery, enabled: kinds.includes('nodeServer') });
  const things = useQuery({ ...thingsQuery(search), enabled: kinds.includes('thing') });
  const wanted = search.toLowerCase();
  const nodeServers = (kinds.includes('nodeServer') ? (servers.data ?? []) : [])
    .filter((server) => server.name.toLowerCase().includes(wanted))
    .map((server) => ({ id: server.id, kind: 'nodeServer' as const, label: server.name as ReactNode }));
  const found = (kinds.includes('thing') ? (things.data?.items ?? []) : []).map((thing) => ({
    id: thing.id,
    kind: 'thing' as const,
    label: <ThingName name={thing.name} />,
  }));
  const groups = [
    { kind: 'nodeServer' as const, title: t.monitors.form.builder.nodeServers, items: nodeServers },
    { kind: 'thing' as const, title: t.monitors.form.builder.things, items: found },
  ].filter(({ items }) => items.length > 0);
  const isListed = groups.some(({ items }) => items.some(({ id }) => id === value));
  const isLoaded =
    (servers.data !== undefined || !kinds.includes('nodeServer')) &&
    (things.data !== undefined || !kinds.includes('thing'));
  const first = kinds[0] ?? 'nodeServer';
  const all =
    kinds.length > 1
      ? t.monitors.form.builder.allDevices
      : first === 'thing'
        ? t.monitors.form.builder.allThings
        : t.monitors.form.builder.allServers;
  return (
    <fieldset className="min-w-0">
      <legend className="mb-1.5 text-sm font-medium">{t.monitors.form.builder.device}</legend>
      <div className="flex flex-col gap-2">
        <SearchInput label={t.monitors.form.builder.searchDevice} value={typed} onChange={setTyped} />
        <div className="flex max-h-56 flex-col overflow-y-auto rounded-md border border-edge p-1">
          <Choice group={group} isOn={value === undefined} onChoose={() => onChange(undefined, first)}>
            {all}
          </Choice>
          {value !== undefined && !isListed && (
            <Choice group={group} isOn onChoose={() => {}}>
              {name ?? t.monitors.form.builder.gone}
            </Choice>
          )}
          {groups.map(({ kind, title, items }) => (
            <fieldset key={kind} aria-label={title} className="min-w-0">
              {kinds.length > 1 && <p className="px-2 pt-2 pb-1 text-xs font-medium text-faint">{title}</p>}
              {items.map(({ id, label }) => (
                <Choice key={id} group={group} isOn={id === value} onChoose={() => onChange(id, kind)}>
                  {label}
                </Choice>
              ))}
            </fieldset>
          ))}
          {isLoaded && groups.length === 0 && (
            <p className="px-2 py-1.5 text-sm text-faint">
              {search === '' ? t.monitors.form.builder.noDevices : t.ui.nothingFound}
            </p>
          )}
        </div>
        {typeof things.data?.nextCursor === 'string' && kinds.includes('thing') && (
          <p className="text-sm text-faint">{t.monitors.form.builder.moreThere}</p>
        )}
      </div>
    </fieldset>
  );
}

const Choice = ({
  group,
  isOn,
  onChoose,
  children,
}: {
  group: string;
  isOn: boolean;
  onChoose: () => void;
  children: ReactNode;
}) => (
  <label className="flex min-w-0 cursor-pointer items-start gap-2.5 rounded-sm px-2 py-1.5 hover:bg-hover has-checked:bg-chosen">
    <input
      type="radio"
      name={group}
      checked={isOn}
      onChange={onChoose}
      className="mt-1 shrink-0 accent-accent"
    />
    <span className="min-w-0 wrap-anywhere">{children}</span>
  </label>
);

/** A device’s name as it is read: a thing’s without the owner’s prefix. */
export const deviceName = ({ kind, name }: { kind: DeviceKind; name: string }): string =>
  kind === 'thing' ? splitName(name).label : name;
