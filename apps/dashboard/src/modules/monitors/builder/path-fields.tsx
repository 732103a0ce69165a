import type { PushTopic } from '@polyrelay/codecs/push-topic';
import { useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { t } from '../../../strings';
import { TextField } from '../../../ui/input';
import { SelectField } from '../../../ui/select';
import { nodesQuery } from './queries';
import type { PathParts } from './topics';

interface Props {
  topic: PushTopic;
  parts: PathParts;
  onChange: (rest: string[]) => void;
}

/** What of the device: a node and a driver by name, where values are told; else a path. */
export function PathFields({ topic: { resource }, parts, onChange }: Props) {
  const isValue = resource === 'DataPoint' || resource === 'DataStream';
  if (isValue && parts.device !== undefined)
    return <NodeFields server={parts.device} rest={parts.rest} onChange={onChange} />;
  return <PathField rest={parts.rest} onChange={onChange} />;
}

function PathField({ rest, onChange }: { rest: readonly string[]; onChange: (rest: string[]) => void }) {
  const path = rest.join('/');
  // What is typed may be on its way to a path: its last “/” is kept here.
  const [typed, setTyped] = useState(path);
  useEffect(() => setTyped((before) => (levelsOf(before).join('/') === path ? before : path)), [path]);
  return (
    <TextField
      label={t.monitors.form.builder.path}
      hint={t.monitors.form.builder.pathHint}
      isOptional
      isMono
      autoComplete="off"
      autoCapitalize="none"
      spellCheck={false}
      value={typed}
      onChange={(text) => {
        setTyped(text);
        onChange(levelsOf(text));
      }}
    />
  );
}

const levelsOf = (path: string): string[] => path.split('/').filter((level) => level !== '');

function NodeFields({
  server,
  rest,
  onChange,
}: {
  server: string;
  rest: readonly string[];
  onChange: (rest: string[]) => void;
}) {
  const { data: nodes = [] } = useQuery(nodesQuery(server));
  const { builder } = t.monitors.form;
  const [address = '', driver = ''] = rest.map((level) => (level === '*' ? '' : level));
  const node = nodes.find((each) => each.address === address);
  const drivers = node ? node.drivers : [...new Set(nodes.flatMap((each) => each.drivers))].sort();
  const put = (of: { address: string; driver: string }) =>
    onChange(of.driver === '' ? [of.address] : [of.address || '*', of.driver]);
  return (
    <div className="grid gap-3 sm:grid-cols-2">
      <SelectField
        label={builder.node}
        value={address}
        onChange={(next) => put({ address: next, driver: '' })}
      >
        <option value="">{builder.allNodes}</option>
        {address !== '' && !node && <option value={address}>{address}</option>}
        {nodes.map((each) => (
          <option key={each.address} value={each.address}>
            {each.name} ({each.address})
          </option>
        ))}
      </SelectField>
      <SelectField label={builder.driver} value={driver} onChange={(next) => put({ address, driver: next })}>
        <option value="">{builder.allDrivers}</option>
        {driver !== '' && !drivers.includes(driver) && <option value={driver}>{driver}</option>}
        {drivers.map((each) => (
          <option key={each} value={each}>
            {each}
          </option>
        ))}
      </SelectField>
    </div>
  );
}
