import type { AccessCall, FlespiChannel } from '@polyrelay/contract';
import type { FastifyInstance } from 'fastify';
import { DomainError, notFound } from '#core/errors.js';
import { isAdmin, type Principal } from '#core/principal.js';
import { reachable, requireRight } from './rights.js';
import { fitsMasks, onlyId, readSelector } from './selector.js';
import { listChannels } from './store.js';

type Call = Pick<AccessCall, 'uri' | 'method'>;

/** A channel, as the port of channels knows it. */
export type ChannelRef = Awaited<ReturnType<FastifyInstance['channels']['require']>>;

/**
 * The channels that a selector means. An admin reaches others’ channels by their ids; `all` and masks look at one’s own.
 * @throws invalid, forbidden, and notFound for a single id that is nobody’s or somebody else’s
 */
export async function selectChannels(
  app: FastifyInstance,
  principal: Principal,
  call: Call,
  text: string,
): Promise<FlespiChannel[]> {
  const selector = readSelector(text);
  const id = onlyId(selector);
  if (id !== undefined) requireRight(principal, call, id);
  const ownerId = selector.ids !== undefined && isAdmin(principal) ? undefined : principal.userId;
  const found = await listChannels(app, { ids: selector.ids, ownerId });
  if (id !== undefined && found.length === 0) throw notFound(`Channel ${id}`);
  return reachable(principal, call, found).filter((channel) => fitsMasks(selector, channel));
}

/**
 * The one channel of a call about messages: keys are those of one channel, so several cannot be meant at once.
 * @throws invalid, forbidden, notFound
 */
export async function selectChannel(
  app: FastifyInstance,
  principal: Principal,
  method: Call['method'],
  text: string,
): Promise<ChannelRef> {
  const call = { uri: 'gw/channels/messages', method } as const;
  const id = onlyId(readSelector(text));
  // The way of all receivers: no query.
  if (id !== undefined) {
    requireRight(principal, call, id);
    return app.channels.require(principal, id);
  }
  const [only, ...others] = await selectChannels(app, principal, call, text);
  if (only === undefined)
    throw new DomainError('notFound', 'notFound', `No channel of yours fits “${text}”.`);
  if (others.length > 0)
    throw new DomainError(
      'invalid',
      'severalChannels',
      `“${text}” means ${others.length + 1} channels. Each channel has keys of its own: call one after the other.`,
    );
  return app.channels.require(principal, only.id);
}
