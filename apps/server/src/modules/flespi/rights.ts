import { type AccessCall, allows } from '@polyrelay/contract';
import { DomainError } from '#core/errors.js';
import type { Principal } from '#core/principal.js';

type Call = Pick<AccessCall, 'uri' | 'method'>;

const refusal = ({ uri, method }: Call, on: string): DomainError =>
  new DomainError('forbidden', 'tokenAccess', `This access token may not ${method} ${uri}${on}.`);

/** Refuses a token whose list does not allow a call, on one channel or on none in particular. @throws forbidden */
export function requireRight({ access }: Principal, call: Call, id?: number): void {
  if (!allows(access, { ...call, ...(id === undefined ? {} : { id }) }))
    throw refusal(call, id === undefined ? '' : ` of channel ${id}`);
}

/** Of some channels those that a token may reach. @throws forbidden when it may not at all */
export function reachable<T extends { id: number }>({ access }: Principal, call: Call, channels: T[]): T[] {
  if (access.kind === 'acl' && !access.acl.some((entry) => allowsSome(entry, call))) throw refusal(call, '');
  return channels.filter(({ id }) => allows(access, { ...call, id }));
}

/** Whether an entry allows a call on some channel, whichever. */
const allowsSome = (entry: Parameters<typeof onAll>[0], call: Call): boolean =>
  allows({ kind: 'acl', acl: [onAll(entry)] }, call);

const onAll = (entry: Extract<Principal['access'], { kind: 'acl' }>['acl'][number]) => ({
  ...entry,
  ids: 'all' as const,
});
