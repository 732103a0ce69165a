import type { Place, PushMessage } from '../types.js';

/** Messages that were loaded lately, for the other monitors that mean them: so many, and of so many characters. */
const MAX_KEPT = 4096;
const MAX_WEIGHT = 32 * 1024 * 1024;

/** Of a message without a long text. */
const LEAST_WEIGHT = 2048;

/** The messages that were asked for last, by their places. */
export class KeptMessages {
  readonly #messages = new Map<Place, PushMessage>();
  #weight = 0;

  get(place: Place): PushMessage | undefined {
    return this.#messages.get(place);
  }

  add(message: PushMessage): void {
    if (this.#messages.has(message.place)) return;
    this.#messages.set(message.place, message);
    this.#weight += weightOf(message);
    for (const [place, oldest] of this.#messages) {
      if (this.#messages.size <= MAX_KEPT && this.#weight <= MAX_WEIGHT) return;
      this.#messages.delete(place);
      this.#weight -= weightOf(oldest);
    }
  }
}

/** About as many characters as a message has; its text, in base64, is made of the bytes of the payload. */
export const weightOf = ({ resource, event }: Pick<PushMessage, 'resource' | 'event'>): number =>
  LEAST_WEIGHT + (resource === 'FileData' ? Number(event.payload.bytes ?? 0) * 3 : 0);
