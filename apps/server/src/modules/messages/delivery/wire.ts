import type { Undelivered } from './store.js';

/** A message as {@link WireEnvelope}; its payload goes as it came. */
export const envelopeOf = ({ id, at, json }: Pick<Undelivered, 'id' | 'at' | 'json'>): string =>
  `{"id":"${id}","at":"${at.toISOString()}","payload":${json}}`;

/** A text as it arrives at a thing (FlashLex section 4). */
export const wrapText = (text: string): string => JSON.stringify({ message: { message: text } });
