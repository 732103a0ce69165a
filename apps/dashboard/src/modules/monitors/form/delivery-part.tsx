import type { TransportType } from '@polyrelay/contract';
import { Cable, Download, Globe } from 'lucide-react';
import { t } from '../../../strings';
import { ChoiceCards } from '../../../ui/choice-cards';
import { Field } from '../../../ui/field';
import { TextField } from '../../../ui/input';
import { Segmented } from '../../../ui/segmented';
import { Switch } from '../../../ui/switch';
import { HttpFields } from './http-fields';
import { TemplateFields } from './template-fields';
import type { MonitorForm } from './use-monitor-form';

interface Props {
  form: MonitorForm;
  /** A token is kept already. */
  hasToken?: boolean;
}

/** How events come: transport, batches, format. */
export function DeliveryPart({ form, hasToken = false }: Props) {
  const { values, set, field } = form;
  const isPolling = values.transportType === 'polling';
  const text = t.monitors.form;
  return (
    <div className="flex min-w-0 flex-col gap-5">
      <ChoiceCards<TransportType>
        legend={text.transport}
        columns="sm:grid-cols-3"
        choices={[
          { value: 'tcp', icon: Cable },
          { value: 'http', icon: Globe },
          { value: 'polling', icon: Download },
        ].map(({ value, icon }) => ({
          value: value as TransportType,
          label: t.monitors.transports[value as TransportType],
          hint: text.transportHints[value as TransportType],
          icon,
        }))}
        value={values.transportType}
        onChange={(value) => set('transportType', value)}
      />
      {values.transportType === 'http' && <HttpFields form={form} hasToken={hasToken} />}
      {!isPolling && (
        <div className="grid gap-x-3 gap-y-5 sm:grid-cols-2">
          <TextField
            label={text.batchSize}
            hint={text.batchSizeHint}
            inputMode="numeric"
            autoComplete="off"
            value={values.batchSize}
            onChange={(size) => set('batchSize', size)}
            {...field('batchSize')}
          />
          <TextField
            label={text.batchDuration}
            hint={text.batchDurationHint}
            inputMode="numeric"
            autoComplete="off"
            value={values.batchDuration}
            onChange={(duration) => set('batchDuration', duration)}
            {...field('batchDuration')}
          />
        </div>
      )}
      <Field label={text.format}>
        {() => (
          <Segmented
            label={text.format}
            choices={(['json', 'xml'] as const).map((value) => ({
              value,
              label: t.monitors.facts.formats[value],
            }))}
            value={values.formatType}
            onChange={(value) => set('formatType', value)}
            className="w-fit"
          />
        )}
      </Field>
      {!isPolling && (
        <Switch
          label={text.compression}
          hint={text.compressionHint}
          checked={values.isCompressed}
          onChange={(isOn) => set('isCompressed', isOn)}
        />
      )}
      {values.transportType === 'tcp' && (
        <>
          <Switch
            label={text.ack}
            hint={text.ackHint}
            checked={values.isAcknowledged}
            onChange={(isOn) => set('isAcknowledged', isOn)}
          />
          <Switch
            label={text.replay}
            hint={text.replayHint}
            checked={values.autoReplayOnConnect}
            onChange={(isOn) => set('autoReplayOnConnect', isOn)}
          />
        </>
      )}
      {values.transportType === 'http' && <p className="text-sm text-soft">{text.httpKeeps}</p>}
      <TemplateFields form={form} />
      <TextField
        label={text.description}
        hint={text.descriptionHint}
        isOptional
        autoComplete="off"
        placeholder={text.descriptionExample}
        value={values.description}
        onChange={(description) => set('description', description)}
        {...field('description')}
      />
    </div>
  );
}
