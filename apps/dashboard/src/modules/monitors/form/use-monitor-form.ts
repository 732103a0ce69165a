import type { Monitor, MonitorRequest } from '@polyrelay/contract';
import { useEffect } from 'react';
import type { z } from 'zod';
import { useForm } from '../../../lib/form';
import { useTopics } from '../builder/use-topics';
import { fieldOf, type MonitorValues, requestOf, valuesErrors } from './values';

interface Options {
  initial: MonitorValues;
  schema: z.ZodType;
  send: (request: MonitorRequest) => Promise<Monitor>;
  onDone: (monitor: Monitor) => void;
  /** Told of what is typed, to keep it. */
  onType?: (values: MonitorValues) => void;
}

/** The form of a monitor's settings, new or changed; its topics are read as one types. */
export function useMonitorForm({ initial, schema, send, onDone, onType }: Options) {
  const form = useForm({
    initial,
    schema,
    toRequest: requestOf,
    extra: valuesErrors,
    fieldOf,
    submit: (values) => send(requestOf(values)),
    onDone,
  });
  const { values } = form;
  const topics = useTopics(values.topic);
  useEffect(() => onType?.(values), [onType, values]);
  return { ...form, topics };
}

export type MonitorForm = ReturnType<typeof useMonitorForm>;
