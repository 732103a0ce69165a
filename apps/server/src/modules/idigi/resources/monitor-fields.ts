import { parseTopics, TopicError } from '@polyrelay/codecs/push-topic';
import { MonitorChange, type MonitorSettings } from '@polyrelay/contract';
import { DomainError } from '#core/errors.js';
import type { Fields } from '../bodies.js';

type Setting = keyof MonitorSettings;

/** What of a field is a text on the wire as a setting. Undefined: it cannot be read. */
type Read = (text: string) => unknown;

const plain: Read = (text) => text.trim();
const lower = (text: string): string => text.trim().toLowerCase();
/** What is none, or has another form, is not a number: the setting says what it wants. */
const number: Read = (text) => (/^-?\d{1,9}(?:\.\d{1,9})?$/.test(text.trim()) ? Number(text) : Number.NaN);
const flag: Read = (text) => ({ true: true, false: false })[lower(text)];
/** A published client writes Python’s nothing. */
const orNone = (text: string): string | null => (/^(?:None)?$/i.test(text.trim()) ? null : text.trim());

/** Every field that can be written, with the setting it is. */
const WRITTEN: Record<string, readonly [Setting, Read]> = {
  monTopic: ['topic', plain],
  monTransportType: ['transportType', lower],
  monFormatType: ['formatType', lower],
  monBatchSize: ['batchSize', number],
  monBatchDuration: ['batchDuration', number],
  // What clients call gzip is the same stream of zlib.
  monCompression: ['compression', (text) => (lower(text) === 'gzip' ? 'zlib' : lower(text))],
  monAckOption: ['ackOption', lower],
  monAutoReplayOnConnect: ['autoReplayOnConnect', flag],
  monDescription: ['description', plain],
  monSchemaType: ['schemaType', (text) => orNone(text)?.toLowerCase() ?? null],
  monSchemaData: ['schemaData', (text) => text],
  monTransportUrl: ['transportUrl', (text) => orNone(text) ?? ''],
  monTransportToken: ['transportToken', orNone],
  monTransportMethod: ['transportMethod', (text) => text.trim().toUpperCase()],
  monTransportHeaders: ['transportHeaders', headersOf],
  monConnectTimeout: ['connectTimeout', number],
  monResponseTimeout: ['responseTimeout', number],
};

/** What to write where a text cannot be read. */
const ADVICE: Partial<Record<Setting, string>> = {
  autoReplayOnConnect: 'Use true or false',
  transportHeaders: 'Write each header in a line of its own, such as X-Source: polyrelay',
};

/** Given by the service. Clients send back what they read: these are not looked at. */
const GIVEN = new Set(['monId', 'cstId', 'monStatus', 'monLastConnect', 'monLastSent']);

const FIELD_OF = new Map(Object.entries(WRITTEN).map(([field, [setting]]) => [setting as string, field]));

/** The settings that fields say; the service’s defaults are not among them. @throws invalid, naming the field */
export function settingsOf(fields: Fields): MonitorChange {
  const given: Record<string, unknown> = {};
  for (const [name, text] of fields) {
    if (GIVEN.has(name)) continue;
    const known = Object.hasOwn(WRITTEN, name) ? WRITTEN[name] : undefined;
    if (known === undefined)
      throw invalid(
        name.slice(0, 50),
        `there is no such field. Known are ${Object.keys(WRITTEN).join(', ')}`,
      );
    const [setting, read] = known;
    if (name === 'monTopic') checkTopic(text.trim());
    const value = read(text);
    if (value === undefined)
      throw invalid(
        name,
        `“${text.trim().slice(0, 50)}” is not a value of it. ${ADVICE[setting] ?? ''}`.trim(),
      );
    given[setting] = value;
  }
  const parsed = MonitorChange.safeParse(given);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw invalid(FIELD_OF.get(String(issue?.path[0])) ?? 'field', issue?.message ?? 'it is not valid');
}

function checkTopic(topic: string): void {
  try {
    parseTopics(topic);
  } catch (error) {
    if (!(error instanceof TopicError)) throw error;
    throw invalid('monTopic', error.message, error);
  }
}

/** What commands say of settings, by the names of the fields. */
export function inFields(error: unknown): unknown {
  const [first] = error instanceof DomainError && error.kind === 'invalid' ? (error.errors ?? []) : [];
  const field = FIELD_OF.get(first?.path.split('.')[0] ?? '');
  return first === undefined || field === undefined ? error : invalid(field, first.message, error);
}

/** Lines such as `X-Source: polyrelay`. */
function headersOf(text: string): Record<string, string> | undefined {
  const headers: Record<string, string> = {};
  for (const line of text.split(/\r?\n/).filter((one) => orNone(one) !== null)) {
    const [, name, value] = /^\s*([^\s:]+)\s*:(.*)$/.exec(line) ?? [];
    // No object can hold a header of that name.
    if (name === undefined || value === undefined || name === '__proto__') return undefined;
    headers[name] = value.trim();
  }
  return headers;
}

const invalid = (field: string, what: string, cause?: unknown): DomainError =>
  new DomainError('invalid', 'invalidMonitor', `Invalid ${field} specified: ${what}`, { cause });
