import { isIP } from 'node:net';
import { MAX_CREDENTIAL_BYTES, MAX_PUSH_PAYLOAD_BYTES } from '@polyrelay/codecs/push';
import { PushError } from './errors.js';

/** What a client needs to know of a service. */
export interface PushClientOptions {
  username: string;
  password: string;
  /** Address of the REST API. Default: `https://{host}`, with `insecure` `http://{host}`. */
  url?: string;
  /** Where push sessions connect to. Default: the host of `url`. */
  host?: string;
  /** Default: 3201, with `insecure` 3200. */
  port?: number;
  /** Plain TCP for sessions. */
  insecure?: boolean;
  /** PEM of the CAs that the service's certificate must be of. Default: those Node.js knows. */
  ca?: string;
  /** Bytes that one block may have, also when it is unpacked. Default 64 MiB. */
  maxBlockBytes?: number;
  /** Blocks that may wait for the consumer; then the connection is paused. Default 16. */
  maxWaiting?: number;
  /** `short`: acknowledgements without the length field, as the Python clients send them. */
  acknowledgement?: 'documented' | 'short';
  /** Whether payloads in XML are read, too, so that `block.messages` has them. Default true. */
  parseXml?: boolean;
  /** Longest wait for an answer, and for a connection, in milliseconds. Default 30,000. */
  timeoutMs?: number;
  /** First and greatest wait between two attempts to connect, in milliseconds. Default 1000 and 30,000. */
  backoff?: { firstMs: number; maxMs: number };
}

/** The same, complete and checked. */
export type Settings = Required<Omit<PushClientOptions, 'ca'>> & { ca: string | undefined };

export const PORT = { plain: 3200, tls: 3201 } as const;

/** @throws PushError `USAGE` */
export function checked(options: PushClientOptions): Settings {
  const { username, password, insecure = false } = options;
  credential('user name', username);
  credential('password', password);
  if (username.includes(':')) throw usage('the user name has a “:”, which HTTP Basic cannot carry');
  if (options.url === undefined && options.host === undefined)
    throw usage('there is no address: give “url” (--url) or “host” (--host)');
  const url = apiUrl(options.url ?? `${insecure ? 'http' : 'https'}://${bracketed(options.host ?? '')}`);
  return {
    username,
    password,
    insecure,
    url: url.href.replace(/\/+$/, ''),
    host: hostOf(options.host ?? url.hostname),
    port: whole('port', options.port ?? (insecure ? PORT.plain : PORT.tls), 1, 65_535),
    ca: options.ca,
    maxBlockBytes: whole('maxBlockBytes', options.maxBlockBytes ?? MAX_PUSH_PAYLOAD_BYTES, 1024, 2 ** 31 - 1),
    maxWaiting: whole('maxWaiting', options.maxWaiting ?? 16, 1, 100_000),
    acknowledgement: options.acknowledgement ?? 'documented',
    parseXml: options.parseXml ?? true,
    timeoutMs: whole('timeoutMs', options.timeoutMs ?? 30_000, 1, 2 ** 31 - 1),
    backoff: options.backoff ?? { firstMs: 1000, maxMs: 30_000 },
  };
}

/** A monitor's id, as frames carry it. @throws PushError `USAGE` */
export const monitorIdOf = (id: number | string): number =>
  whole('the monitor’s id', Number(id), 1, 2 ** 32 - 1);

export const usage = (what: string): PushError => new PushError('USAGE', what);

function apiUrl(text: string): URL {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw usage(`“${text}” is not an address such as https://push.example.org`);
  }
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    throw usage(`“${text}” is not an address that begins with https:// or http://`);
  if (url.username !== '' || url.password !== '')
    throw usage('the address has a user or password in it: give them as “username” and “password”');
  return url;
}

/** Without the brackets of an IPv6 address. */
function hostOf(text: string): string {
  const host = text.replace(/^\[(.*)\]$/, '$1');
  if (host === '' || (/[\s/:@]/.test(host) && isIP(host) === 0))
    throw usage(`“${text}” is not a host such as push.example.org; a port goes to “port” (--port)`);
  return host;
}

function bracketed(text: string): string {
  const host = hostOf(text);
  return isIP(host) === 6 ? `[${host}]` : host;
}

function credential(what: string, text: string): void {
  if (text === '') throw usage(`the ${what} is empty`);
  const bytes = Buffer.byteLength(text);
  if (bytes > MAX_CREDENTIAL_BYTES)
    throw usage(`the ${what} has ${bytes} bytes: ${MAX_CREDENTIAL_BYTES} are possible`);
}

function whole(what: string, value: number, least: number, most: number): number {
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw usage(`${what} is ${value}: give a whole number from ${least} to ${most}`);
}
