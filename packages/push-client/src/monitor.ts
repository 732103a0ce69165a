import { PushError } from './errors.js';
import { usage } from './settings.js';

/** What a monitor to be made is like. What is left out is as the service has it by default. */
export interface MonitorSettings {
  /** `DeviceCore,DataPoint` or a list of topics. */
  topics: string | readonly string[];
  /** Events of a block: 1…1000. */
  batchSize?: number;
  /** Seconds after which a block is sent although it is not full; 0: do not wait. */
  batchDuration?: number;
  /** `gzip` is another name of `zlib`. */
  compression?: 'none' | 'gzip' | 'zlib';
  formatType?: 'json' | 'xml';
  /** `explicit`: a block comes again, on the next connection, until it was acknowledged. */
  ackOption?: 'off' | 'explicit';
  /** What happened while nobody was connected is sent first. */
  autoReplayOnConnect?: boolean;
  description?: string;
  /** Further elements by name, such as `monSchemaType`. */
  fields?: Record<string, string>;
}

/** A monitor as the service tells of it. */
export interface Monitor {
  id: number;
  topics: string;
  /** Such as `ACTIVE`. */
  status: string;
  /** Everything, by its name (`monBatchSize`); every value is text. */
  fields: Record<string, string>;
}

/** Topics as one text, which is what the service compares. @throws PushError `USAGE` */
export function topicText(topics: string | readonly string[]): string {
  const text = typeof topics === 'string' ? topics : topics.join(',');
  if (text.trim() === '') throw usage('there are no topics: name some, such as DeviceCore,DataPoint');
  return text;
}

/** The document that makes a monitor. @throws PushError `USAGE` */
export function monitorXml(settings: MonitorSettings): string {
  const elements = {
    monTopic: topicText(settings.topics),
    monBatchSize: settings.batchSize,
    monBatchDuration: settings.batchDuration,
    monFormatType: settings.formatType,
    monTransportType: 'tcp',
    monCompression: settings.compression,
    monAckOption: settings.ackOption,
    monAutoReplayOnConnect: settings.autoReplayOnConnect,
    monDescription: settings.description,
    ...settings.fields,
  };
  const lines = Object.entries(elements)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `<${elementName(name)}>${escaped(String(value))}</${name}>`);
  return `<Monitor>${lines.join('')}</Monitor>`;
}

/** The id in `…/Monitor/178007` or in a result document. */
export function idIn(text: string): number | undefined {
  const id = Number(/Monitor\/(\d+)(?:\.json)?\s*(?:<|$)/.exec(text)?.[1]);
  return Number.isSafeInteger(id) ? id : undefined;
}

/** A page of monitors, and how many there are behind it. @throws PushError `PROTOCOL` */
export function readPage(where: string, text: string): { monitors: Monitor[]; remaining: number } {
  let page: { items?: unknown; remainingSize?: unknown };
  try {
    page = JSON.parse(text);
  } catch (cause) {
    throw new PushError('PROTOCOL', `${where}: the answer is not JSON. Is this the address of the service?`, {
      cause,
    });
  }
  // Servers differ: one item may stand alone, and numbers may be numbers or text.
  const items = Array.isArray(page?.items) ? page.items : page?.items === undefined ? [] : [page.items];
  const monitors = items.map((item) => toMonitor(where, item));
  return { monitors, remaining: Number(page?.remainingSize ?? 0) || 0 };
}

function toMonitor(where: string, item: unknown): Monitor {
  const given: [string, unknown][] = Object.entries(typeof item === 'object' && item !== null ? item : {});
  const fields = Object.fromEntries(given.map(([name, value]) => [name, String(value)]));
  const id = Number(fields.monId);
  if (!Number.isSafeInteger(id))
    throw new PushError('PROTOCOL', `${where}: a monitor in the answer has no “monId”`);
  return { id, topics: fields.monTopic ?? '', status: fields.monStatus ?? '', fields };
}

/** What a refusal says, in XML or JSON. */
export function errorIn(text: string): string {
  const inXml = /<error>([^<]*)<\/error>/.exec(text)?.[1];
  if (inXml !== undefined) return inXml.trim();
  try {
    const { error } = JSON.parse(text);
    return [error].flat().join('; ');
  } catch {
    return text
      .replace(/<[^>]*>/g, ' ')
      .replace(/\s+/g, ' ')
      .trim()
      .slice(0, 300);
  }
}

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };

function escaped(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: XML cannot carry them, not even escaped
  if (/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/.test(text))
    throw usage('a setting has control characters in it');
  return text.replace(/[&<>]/g, (character) => ENTITIES[character] ?? character);
}

function elementName(name: string): string {
  if (/^[A-Za-z]\w*$/.test(name)) return name;
  throw usage(`“${name}” is not the name of a monitor’s field`);
}
