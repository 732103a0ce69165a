import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { codeOf, reasonOf } from '@polyrelay/essentials';
import { load } from 'js-yaml';
import { ThingError } from './errors.js';

export interface OpenOptions {
  /** Path of config.yml. Default: beside thing.mjs, or in the working folder. */
  config?: string;
  /** Folder of the keys. Default: `thing.keys.path` in config.yml, or beside it. */
  keys?: string;
  /** Folder for the queue and the received messages. Default: `app.db.dataPath`, or `data` beside config.yml. */
  data?: string;
  /** Subscribe to `ingress/<name>` instead of the topic with ids: for other servers of this protocol. */
  plain?: boolean;
  /** Received messages go after so many seconds; 0: never. Default: `app.db.expireSeconds`. */
  expireSeconds?: number;
  /** The queue’s greatest size on disk, in bytes. Default 256 MiB. */
  maxQueueBytes?: number;
}

/** What config.yml says (FlashLex section 3), checked, with paths that stand by themselves. */
export interface ThingConfig {
  /** Path of config.yml. */
  file: string;
  id: string;
  name: string;
  collectUrl: string;
  mqtt: { host: string; port: number };
  topics: { ingress: string; envelopes: string; pubsub: string; test: string };
  /** Paths of the files. */
  keys: { ca: string; certificate: string; privateKey: string };
  data: string;
  /** Received messages go after so many seconds; 0 or less: never. */
  expireSeconds: number;
  plain: boolean;
  maxQueueBytes: number;
}

const MAX_QUEUE_BYTES = 256 * 1024 * 1024;

/** Reads and checks config.yml. @throws ThingError `CONFIG` naming file, key, and what to write */
export async function readConfig(options: OpenOptions = {}): Promise<ThingConfig> {
  const file = findConfig(options.config);
  const keys = new Keys(file, await parse(file));
  const folder = dirname(file);
  const name = keys.text('thing.name', 'the thing’s name, such as ecd13b11-greenhouse');
  const id = keys.text('thing.id', 'the thing’s id, a UUID');
  const endpoint = keys.url('app.api.endpoint').replace(/\/+$/, '');
  const env = keys.optional('app.api.env') ?? '';
  const ingress = keys.optional('thing.mqtt.ingress.topic') ?? `ingress/${name}`;
  const keyFolder = resolve(folder, options.keys ?? keys.optional('thing.keys.path') ?? '.');
  return {
    file,
    id,
    name,
    collectUrl: `${endpoint}${env === '' ? '' : `/${env}`}/v1/things/${encodeURIComponent(id)}/collect`,
    mqtt: {
      host: keys.text('thing.endpoint', 'the host of the broker, such as relay.example.org'),
      port: keys.number('thing.mqtt.port', 8883, (port) => port >= 1 && port <= 65_535),
    },
    topics: {
      ingress,
      envelopes: `${ingress}/envelopes`,
      pubsub: keys.optional('thing.mqtt.pubsub.topic') ?? `pubsub/${name}`,
      test: 'flashlex/test',
    },
    keys: {
      ca: join(keyFolder, keys.text('thing.keys.rootCA', 'root-ca-cert.pem')),
      certificate: join(keyFolder, keys.text('thing.keys.cert', `${name}-certificate.pem`)),
      privateKey: join(keyFolder, keys.text('thing.keys.privateKey', `${name}-keypair-private.pem`)),
    },
    data: resolve(options.data ?? join(folder, keys.optional('app.db.dataPath') ?? 'data')),
    expireSeconds: options.expireSeconds ?? keys.number('app.db.expireSeconds', 0, () => true),
    plain: options.plain ?? keys.optional('thing.mqtt.ingress.plain') === 'true',
    maxQueueBytes: options.maxQueueBytes ?? MAX_QUEUE_BYTES,
  };
}

function findConfig(given: string | undefined): string {
  if (given !== undefined) return resolve(given);
  const beside = join(dirname(fileURLToPath(import.meta.url)), 'config.yml');
  return existsSync(beside) ? beside : resolve('config.yml');
}

async function parse(file: string): Promise<unknown> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (cause) {
    const advice =
      codeOf(cause) === 'ENOENT'
        ? 'It is in the distribution: go to its folder, or name it with --config.'
        : reasonOf(cause);
    throw new ThingError('CONFIG', `Cannot read ${file}. ${advice}`, { cause });
  }
  try {
    return load(text);
  } catch (cause) {
    throw new ThingError('CONFIG', `${file} is not YAML: ${reasonOf(cause)}`, { cause });
  }
}

/** Values by their dotted place below `flashlex`. */
class Keys {
  readonly #file: string;
  readonly #root: unknown;

  constructor(file: string, root: unknown) {
    this.#file = file;
    this.#root = root;
  }

  optional(place: string): string | undefined {
    const value = this.#at(place);
    if (value === undefined || value === null) return undefined;
    if (typeof value === 'object') throw this.#wrong(place, 'is not a text', 'a text');
    return String(value);
  }

  text(place: string, write: string): string {
    const value = this.optional(place)?.trim();
    if (value === undefined || value === '') throw this.#wrong(place, 'is missing', write);
    return value;
  }

  url(place: string): string {
    const write = 'the address of the service, such as https://relay.example.org';
    const value = this.text(place, write);
    if (!isWebAddress(value)) throw this.#wrong(place, `is “${value}”, not an address`, write);
    return value;
  }

  number(place: string, absent: number, good: (value: number) => boolean): number {
    const text = this.optional(place);
    if (text === undefined) return absent;
    const value = Number(text);
    if (text.trim() === '' || !Number.isInteger(value) || !good(value))
      throw this.#wrong(place, `is “${text}”`, `a whole number, such as ${absent}`);
    return value;
  }

  #at(place: string): unknown {
    let value = this.#root;
    for (const key of ['flashlex', ...place.split('.')])
      value =
        typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[key] : undefined;
    return value;
  }

  #wrong(place: string, what: string, write: string): ThingError {
    return new ThingError('CONFIG', `${this.#file}: flashlex.${place} ${what}. Write there: ${write}`);
  }
}

function isWebAddress(text: string): boolean {
  try {
    return /^https?:$/.test(new URL(text).protocol);
  } catch {
    return false;
  }
}
