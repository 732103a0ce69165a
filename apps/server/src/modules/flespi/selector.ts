import { compileMask } from '@polyrelay/codecs/expression';
import type { FlespiChannel } from '@polyrelay/contract';
import { DomainError } from '#core/errors.js';

/** Which channels a call is about. */
export interface Selector {
  /** These, and no other; undefined: whichever. */
  ids: number[] | undefined;
  /** All of them must fit. */
  masks: { field: string; fits(text: string): boolean }[];
}

const MAX_ID = 2_147_483_647;
const FIELD =
  /^(?:id|name|protocol_name|enabled|messages_ttl|uri|messages_size|connections_count|configuration(?:\.[^.=]+)+)$/;

/**
 * Reads a selector: an id, `1,2`, `all`, `field=mask` with `*` and `?`; several with commas: ids add up, masks all have
 * to fit.
 * @throws invalid `badSelector`
 */
export function readSelector(text: string): Selector {
  if (text === 'all') return { ids: undefined, masks: [] };
  const ids = new Set<number>();
  const masks: Selector['masks'] = [];
  for (const part of text.split(',')) {
    const equals = part.indexOf('=');
    if (equals > 0) masks.push(readMask(part.slice(0, equals), part.slice(equals + 1)));
    else ids.add(readId(part, text));
  }
  return { ids: ids.size === 0 ? undefined : [...ids], masks };
}

function readId(part: string, text: string): number {
  const id = Number(part);
  if (/^\d{1,10}$/.test(part) && id >= 1 && id <= MAX_ID) return id;
  throw badSelector(
    text === 'all' || part !== 'all'
      ? `“${part.slice(0, 100)}” selects nothing. A selector is an id (12), a list of ids (12,13), all, or field=mask (name=garden*)`
      : '“all” stands alone in a selector',
  );
}

function readMask(field: string, mask: string): Selector['masks'][number] {
  if (!FIELD.test(field))
    throw badSelector(
      `Channels cannot be selected by “${field.slice(0, 100)}”. Use id, name, protocol_name, enabled, messages_ttl or configuration.<name>`,
    );
  return { field, fits: compileMask(mask) };
}

/** Whether a channel fits all masks of a selector. */
export function fitsMasks({ masks }: Selector, channel: FlespiChannel): boolean {
  return masks.every(({ field, fits }) => {
    const value = valueAt(channel, field);
    return value !== undefined && fits(typeof value === 'object' ? JSON.stringify(value) : String(value));
  });
}

function valueAt(channel: FlespiChannel, path: string): unknown {
  let value: unknown = channel;
  for (const part of path.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, part)) return undefined;
    value = (value as Record<string, unknown>)[part];
  }
  return value;
}

/** The id of a selector that is nothing but one. */
export const onlyId = ({ ids, masks }: Selector): number | undefined =>
  ids?.length === 1 && masks.length === 0 ? ids[0] : undefined;

const badSelector = (message: string): DomainError =>
  new DomainError('invalid', 'badSelector', `${message}.`);
