import { newId } from './ids.js';

/** A message as it came over MQTT. */
export interface Parcel {
  id: string;
  at: string;
  payload: unknown;
}

/**
 * Reads a publish: the service’s envelope with the message’s id, or the bare payload, which gets an id here. What is
 * not JSON becomes a text; an envelope that is none is taken as a payload, so that nothing is lost.
 */
export function parcelIn(enveloped: boolean, bytes: Buffer): Parcel {
  const value = parse(bytes.toString('utf8'));
  if (enveloped && typeof value === 'object' && value !== null) {
    const { id, at, payload } = value as Record<string, unknown>;
    if (typeof id === 'string' && typeof at === 'string' && payload !== undefined) return { id, at, payload };
  }
  return { id: newId(), at: new Date().toISOString(), payload: value };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
