/**
 * When to send a worker its record again. The published Python module needs a config after every change of status, or
 * it swallows later ones; the Node.js module does not, and stops listening after more than 30 in ten seconds (PGC
 * section 5). Pure: the caller brings the clock.
 */
export class ConfigSchedule {
  /** Whether the worker bears only so many in ten seconds: until its language is known, it may. */
  limited = true;

  /** Times of the configs of the last ten seconds, oldest first. */
  #sent: number[] = [];

  /**
   * How long to wait with the next config, in ms.
   * @param urgent the worker builds its next request from it (params, notices, nodes): no window, only the limit
   */
  delay(now: number, urgent: boolean): number {
    this.#forget(now);
    const last = this.#sent.at(-1);
    const gap = this.limited && this.#sent.length >= BURST ? STORM_WINDOW_MS : WINDOW_MS;
    const window = urgent || last === undefined ? 0 : Math.max(0, last + gap - now);
    if (!this.limited) return window;
    const limit = urgent ? LIMIT : LIMIT - RESERVED;
    const oldest = this.#sent.at(-limit);
    return Math.max(window, oldest === undefined ? 0 : oldest + SPAN_MS - now);
  }

  /** Notes that a config was sent. */
  sent(now: number): void {
    this.#forget(now);
    this.#sent.push(now);
  }

  #forget(now: number): void {
    while (this.#sent[0] !== undefined && this.#sent[0] <= now - SPAN_MS) this.#sent.shift();
  }
}

/** Changes of status within this time share a config. */
const WINDOW_MS = 200;
/** After so many in ten seconds it is a storm: a wider window keeps them even, instead of none for seconds at the limit. */
const BURST = 10;
const STORM_WINDOW_MS = 800;
const SPAN_MS = 10_000;
/** One below what the Node.js module bears. */
const LIMIT = 29;
/** Kept for urgent ones. */
const RESERVED = 9;
