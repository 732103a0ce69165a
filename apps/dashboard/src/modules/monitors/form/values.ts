import {
  BATCH_DURATION,
  BATCH_SIZE,
  type Monitor,
  type MonitorRequest,
  type MonitorSettings,
} from '@polyrelay/contract';
import type { Errors } from '../../../lib/form';
import { t } from '../../../strings';

/** A header as it is typed. */
export interface HeaderRow {
  name: string;
  value: string;
}

/** A monitor's settings as they are typed. */
export interface MonitorValues {
  topic: string;
  description: string;
  transportType: MonitorSettings['transportType'];
  formatType: MonitorSettings['formatType'];
  batchSize: string;
  batchDuration: string;
  isCompressed: boolean;
  isAcknowledged: boolean;
  autoReplayOnConnect: boolean;
  hasTemplate: boolean;
  schemaData: string;
  transportUrl: string;
  /** What is typed; empty: the one that is kept, if any. */
  transportToken: string;
  isTokenRemoved: boolean;
  transportMethod: MonitorSettings['transportMethod'];
  headers: readonly HeaderRow[];
  connectTimeout: string;
  responseTimeout: string;
}

/** What the fields begin with: a monitor's settings, or those of a new one. */
export const monitorValues = (monitor?: Monitor): MonitorValues => ({
  topic: monitor?.topic ?? '',
  description: monitor?.description ?? '',
  transportType: monitor?.transportType ?? 'tcp',
  formatType: monitor?.formatType ?? 'json',
  batchSize: String(monitor?.batchSize ?? BATCH_SIZE.default),
  batchDuration: String(monitor?.batchDuration ?? BATCH_DURATION.default),
  isCompressed: monitor?.compression === 'zlib',
  isAcknowledged: monitor?.ackOption === 'explicit',
  autoReplayOnConnect: monitor?.autoReplayOnConnect ?? false,
  hasTemplate: monitor?.schemaType === 'handlebars',
  schemaData: monitor?.schemaData ?? '',
  transportUrl: monitor?.transportUrl ?? '',
  transportToken: '',
  isTokenRemoved: false,
  transportMethod: monitor?.transportMethod ?? 'PUT',
  headers: Object.entries(monitor?.transportHeaders ?? {}).map(([name, value]) => ({ name, value })),
  connectTimeout: String(monitor?.connectTimeout ?? 0),
  responseTimeout: String(monitor?.responseTimeout ?? 0),
});

/** A number, or what the schema says is none. */
const numberOf = (text: string): number => (text.trim() === '' ? Number.NaN : Number(text));

const isUsed = ({ name, value }: HeaderRow): boolean => name.trim() !== '' || value.trim() !== '';

/** What is typed, as the contract takes it; what another transport needs is left as it is. */
export function requestOf(values: MonitorValues): MonitorRequest {
  const { transportType, topic, description } = values;
  return {
    topic: topic.trim(),
    description: description.trim(),
    transportType,
    formatType: values.formatType,
    schemaType: values.hasTemplate ? 'handlebars' : null,
    schemaData: values.hasTemplate ? values.schemaData : '',
    ...(transportType === 'polling'
      ? {}
      : {
          batchSize: numberOf(values.batchSize),
          batchDuration: numberOf(values.batchDuration),
          compression: values.isCompressed ? 'zlib' : 'none',
        }),
    ...(transportType === 'tcp'
      ? {
          ackOption: values.isAcknowledged ? 'explicit' : 'off',
          autoReplayOnConnect: values.autoReplayOnConnect,
        }
      : {}),
    ...(transportType === 'http' ? httpOf(values) : {}),
  };
}

function httpOf(values: MonitorValues): Partial<MonitorRequest> {
  const token = values.transportToken.trim();
  return {
    transportUrl: values.transportUrl.trim(),
    transportMethod: values.transportMethod,
    transportHeaders: Object.fromEntries(
      values.headers.filter(isUsed).map(({ name, value }) => [name.trim(), value.trim()]),
    ),
    connectTimeout: numberOf(values.connectTimeout),
    responseTimeout: numberOf(values.responseTimeout),
    ...(token !== '' ? { transportToken: token } : values.isTokenRemoved ? { transportToken: null } : {}),
  };
}

/** What is wrong and the contract cannot know: it does not ask what belongs together. */
export function valuesErrors(values: MonitorValues): Errors {
  const errors: Errors = {};
  if (values.topic.trim() === '') errors.topic = t.monitors.form.topicMissing;
  if (values.hasTemplate && values.schemaData.trim() === '')
    errors.schemaData = t.monitors.form.templateMissing;
  if (values.transportType !== 'http') return errors;
  const url = values.transportUrl.trim();
  if (url === '') errors.transportUrl = t.monitors.form.urlMissing;
  else if (!isWebAddress(url)) errors.transportUrl = t.monitors.form.urlBad;
  const token = values.transportToken.trim();
  if (token !== '' && !token.includes(':')) errors.transportToken = t.monitors.form.tokenBad;
  const twice = doubled(values.headers.filter(isUsed).map(({ name }) => name.trim().toLowerCase()));
  if (twice !== undefined) errors.headers = t.monitors.form.headerTwice(twice);
  return errors;
}

const isWebAddress = (text: string): boolean =>
  URL.canParse(text) && /^https?:$/.test(new URL(text).protocol);

const doubled = (names: readonly string[]): string | undefined =>
  names.find((name, at) => names.indexOf(name) !== at);

/** Where an error of the request belongs in the form. */
export const fieldOf = (path: string): string => (path.startsWith('transportHeaders') ? 'headers' : path);
