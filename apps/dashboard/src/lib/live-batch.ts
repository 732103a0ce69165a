import type { Event } from '@polyrelay/contract';

export type LiveEvent = Event;

/** How long a hidden page, which gets no animation frames, collects events. */
const HIDDEN_PAGE_MS = 1000;
/** Ids remembered to drop what two overlapping connections both deliver. */
const REMEMBERED = 4096;

/**
 * Collects events and hands them over together, once per animation frame: a storm of a thousand values
 * costs one rendering, not a thousand.
 */
export class LiveBatch {
  #events: LiveEvent[] = [];
  #scheduled = false;
  #seen = new Set<string>();
  readonly #deliver: (events: LiveEvent[]) => void;

  constructor(deliver: (events: LiveEvent[]) => void) {
    this.#deliver = deliver;
  }

  add(event: LiveEvent): void {
    if (this.#seen.has(event.id)) return;
    this.#seen.add(event.id);
    if (this.#seen.size > REMEMBERED) {
      const [oldest] = this.#seen;
      if (oldest !== undefined) this.#seen.delete(oldest);
    }
    this.#events.push(event);
    if (this.#scheduled) return;
    this.#scheduled = true;
    if (document.hidden) setTimeout(() => this.flush(), HIDDEN_PAGE_MS);
    else requestAnimationFrame(() => this.flush());
  }

  /** Hands over what was collected. */
  flush(): void {
    this.#scheduled = false;
    const events = this.#events;
    if (events.length === 0) return;
    this.#events = [];
    this.#deliver(events);
  }
}
