import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import type { FieldError, MonitorSettings } from '@polyrelay/contract';
import { DomainError } from '#core/errors.js';
import { isPrivate } from '#core/private-addresses.js';

/** What the service itself says, or what is about one connection alone (RFC 9110 section 7.6.1). */
const OWN_HEADERS = new Set([
  'authorization',
  'connection',
  'content-encoding',
  'content-length',
  'expect',
  'host',
  'http2-settings',
  'keep-alive',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);
const OWN_PREFIXES = /^(proxy-|x-polyrelay-)/;

/** What a name server may take; a name that is not known now is checked at each connection anyway. */
const LOOKUP_MS = 2000;

type Transport = Pick<MonitorSettings, 'transportType' | 'transportUrl' | 'transportHeaders'>;

/** What is wrong with where a monitor sends, as far as it can be seen without asking anybody. */
export function* transportProblems(
  { transportType, transportUrl, transportHeaders }: Transport,
  allowPrivate: boolean,
): Generator<FieldError> {
  if (transportType === 'http' || transportUrl !== '') {
    const message = urlProblem(transportUrl, allowPrivate);
    if (message !== undefined) yield { path: 'transportUrl', message };
  }
  for (const [name, value] of Object.entries(transportHeaders)) {
    const message = headerProblem(name, value);
    if (message !== undefined) yield { path: `transportHeaders.${name}`, message };
  }
}

/**
 * Looks up the name that a monitor is to send to. One that is not known now passes: each connection is checked.
 * @throws invalid `invalidMonitor`: it leads to a private address
 */
export async function checkName(transportUrl: string | undefined, allowPrivate: boolean): Promise<void> {
  if (allowPrivate || transportUrl === undefined || !URL.canParse(transportUrl)) return;
  const host = hostOf(new URL(transportUrl));
  const found = (await addressesOf(host)).find(isPrivate);
  if (found === undefined) return;
  const message = privateAddress(host, found);
  const errors = [{ path: 'transportUrl', message }];
  throw new DomainError('invalid', 'invalidMonitor', `${message}.`, { errors });
}

function headerProblem(name: string, value: string): string | undefined {
  const lower = name.toLowerCase();
  if (lower === 'authorization')
    return 'Leave out the header Authorization, and write user:password into transportToken';
  if (OWN_HEADERS.has(lower) || OWN_PREFIXES.test(lower))
    return `Leave out the header ${name}: Polyrelay writes it itself`;
  if (/[^\t\x20-\x7e\x80-\xff]/.test(value))
    return `The header ${name} has a letter that no header can carry: use Latin letters`;
  return undefined;
}

function urlProblem(text: string, allowPrivate: boolean): string | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol))
    return 'Use a URL that begins with http:// or https://, such as https://example.org/events';
  if (url.username !== '' || url.password !== '')
    return 'Leave name and password out of the URL, and write user:password as the token (transportToken)';
  const host = hostOf(url);
  return !allowPrivate && isIP(host) !== 0 && isPrivate(host) ? privateAddress(host, host) : undefined;
}

/** The name, or the address without the brackets of IPv6. */
export const hostOf = ({ hostname }: URL): string => hostname.replace(/^\[|\]$/g, '');

/** Why a private address is refused. */
export const privateAddress = (host: string, address: string): string =>
  `${host === address ? host : `${host} (${address})`} is an address of this machine or a private network. Write a public one, or start Polyrelay with ALLOW_PRIVATE_URLS=true`;

async function addressesOf(host: string): Promise<string[]> {
  if (isIP(host) !== 0) return [];
  const late = new Promise<[]>((resolve) => setTimeout(resolve, LOOKUP_MS, []).unref());
  const found = lookup(host, { all: true }).catch(() => []);
  return (await Promise.race([found, late])).map(({ address }) => address);
}
