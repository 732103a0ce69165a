import type { PushTopic } from '@polyrelay/codecs/push-topic';
import type { Operation } from '@polyrelay/contract';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Activity, BellRing, Boxes, ChartSpline, FileText, Gauge, type LucideIcon, Plug } from 'lucide-react';
import { toast } from '../../../lib/toast';
import { t } from '../../../strings';
import { ChoiceCards } from '../../../ui/choice-cards';
import { SelectField } from '../../../ui/select';
import { type DeviceKind, DevicePicker, deviceName } from './device-picker';
import { OperationChoice } from './operation-choice';
import { PathFields } from './path-fields';
import { deviceQuery } from './queries';
import {
  type Built,
  type EventKind,
  eventKinds,
  hasDevices,
  kindsOf,
  type PathParts,
  partsOf,
  pathOf,
  RESOURCES,
  type ResourceName,
} from './topics';

const icons: Partial<Record<ResourceName, LucideIcon>> = {
  DeviceCore: Plug,
  DataPoint: Gauge,
  DataStream: ChartSpline,
  FileData: FileText,
  FileDataCore: Boxes,
  AlarmStatus: BellRing,
  Event: Activity,
};

interface Props {
  /** The topic that is made; undefined: nothing is chosen yet. */
  topic: PushTopic | undefined;
  onChange: (built: Built) => void;
}

/** Makes a topic of choices: what, of which device, what of it, and which changes. */
export function TopicBuilder({ topic, onChange }: Props) {
  const client = useQueryClient();
  const parts: PathParts = topic ? partsOf(topic) : { kind: undefined, device: undefined, rest: [] };
  const device = useQuery({ ...deviceQuery(parts.device ?? ''), enabled: parts.device !== undefined });
  const put = (next: Partial<PathParts>) =>
    topic && onChange({ ...topic, path: pathOf(topic.resource, { ...parts, ...next }) });
  const choose = (resource: ResourceName) => {
    // The device stays chosen where the other resource tells of it, too.
    const id = device.data?.id;
    const canStay = device.data && kindsOf[resource].includes(device.data.kind);
    const kind = device.data?.kind === 'thing' ? 'things' : 'nodeServers';
    const of = resource === 'DeviceCore' && device.data ? String(device.data.deviceId) : id;
    onChange({
      resource,
      operations: undefined,
      group: topic?.group,
      path: canStay ? pathOf(resource, { kind, device: of, rest: [] }) : [],
    });
  };
  const chooseDevice = async (id: string | undefined) => {
    if (topic?.resource !== 'DeviceCore' || id === undefined) return put({ device: id, rest: [] });
    try {
      const found = await client.fetchQuery(deviceQuery(id));
      if (!found) return;
      const number = String(found.deviceId);
      client.setQueryData(deviceQuery(number).queryKey, found);
      put({ device: number, rest: [] });
    } catch (error) {
      toast.error(t.errors.title, { description: error instanceof Error ? error.message : String(error) });
    }
  };
  const { builder } = t.monitors.form;
  return (
    <div className="flex min-w-0 flex-col gap-5">
      <ChoiceCards<ResourceName | ''>
        legend={builder.legend}
        choices={RESOURCES.map((value) => ({
          value,
          label: builder.resources[value],
          hint: builder.resourceHints[value],
          ...(icons[value] ? { icon: icons[value] } : {}),
        }))}
        value={topic?.resource ?? ''}
        onChange={(value) => value !== '' && choose(value)}
      />
      {topic?.resource === 'Event' && (
        <SelectField
          label={builder.kind}
          value={parts.kind ?? ''}
          onChange={(kind) =>
            put({ kind: kind === '' ? undefined : (kind as EventKind), device: undefined, rest: [] })
          }
        >
          <option value="">{builder.kinds.all}</option>
          {eventKinds.map((kind) => (
            <option key={kind} value={kind}>
              {builder.kinds[kind]}
            </option>
          ))}
        </SelectField>
      )}
      {topic && devicesOf(topic.resource, parts.kind).length > 0 && (
        <DevicePicker
          kinds={devicesOf(topic.resource, parts.kind)}
          value={parts.device === undefined ? undefined : (device.data?.id ?? parts.device)}
          name={device.data ? deviceName(device.data) : device.data === null ? undefined : '…'}
          onChange={(id) => void chooseDevice(id)}
        />
      )}
      {topic && topic.resource !== 'DeviceCore' && (
        <PathFields topic={topic} parts={parts} onChange={(rest) => put({ rest })} />
      )}
      {topic && (
        <OperationChoice
          value={topic.operations}
          onChange={(operations: Set<Operation> | undefined) => onChange({ ...topic, operations })}
        />
      )}
    </div>
  );
}

/** The devices that can be chosen of. */
function devicesOf(resource: ResourceName, kind: EventKind | undefined): readonly DeviceKind[] {
  if (resource !== 'Event') return kindsOf[resource];
  if (!hasDevices(kind)) return [];
  return kind === 'things' ? ['thing'] : ['nodeServer'];
}
