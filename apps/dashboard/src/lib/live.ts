import { api, withQuery } from './api';
import { LiveBatch, type LiveEvent } from './live-batch';

/** How the connection stands: `idle` when nobody listens. */
export type LiveStatus = 'idle' | 'connecting' | 'open' | 'lost';

export interface LiveState {
  status: LiveStatus;
  /** Since when the connection is lost (ms), to show the banner only when it lasts. */
  lostAt: number | null;
}

export interface Subscription {
  /** Topic filters, as MQTT writes them. */
  topics: readonly string[];
  onEvents?: ((events: LiveEvent[]) => void) | undefined;
  /** Events may have been missed: fetch again. */
  onReset: () => void;
}

const RETRY_MS = [1000, 2000, 4000, 8000, 15_000];
/** Fetching waits at most so long for the connection that will keep the answer true. */
const SETTLE_MS = 1200;

/**
 * The one connection for live events (`GET /api/live`), shared by everyone who subscribes.
 *
 * When the wanted topics change, a second connection is opened and the first one closed only when the
 * second is open: nothing falls between. The browser resumes a broken one by itself (Last-Event-ID), and
 * so do we when it gives up; where too much was missed, the service says so and all is fetched again.
 */
export class Live {
  #subscriptions = new Set<Subscription>();
  #current: EventSource | null = null;
  #next: EventSource | null = null;
  #openTopics = new Set<string>();
  #wantedKey = '';
  #state: LiveState = { status: 'idle', lostAt: null };
  #listeners = new Set<() => void>();
  #settled = new Set<() => void>();
  #retry: ReturnType<typeof setTimeout> | undefined;
  #attempt = 0;
  #planned = false;
  #wasLost = false;
  #lastEventId = '';
  #batch = new LiveBatch((events) => {
    for (const subscription of [...this.#subscriptions]) subscription.onEvents?.(events);
  });

  constructor() {
    globalThis.addEventListener?.('online', () => this.retryNow());
  }

  subscribe(subscription: Subscription): () => void {
    this.#subscriptions.add(subscription);
    this.#plan();
    return () => {
      this.#subscriptions.delete(subscription);
      this.#plan();
    };
  }

  getState = (): LiveState => this.#state;

  onState = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Resolves when every wanted topic is listened to, or when waiting for it would take too long. */
  async settled(): Promise<void> {
    // Effects of one rendering run together: after this all of them have subscribed.
    await Promise.resolve();
    if (this.#subscriptions.size === 0 || (!this.#planned && this.#isCurrent())) return;
    await new Promise<void>((resolve) => {
      const done = () => {
        clearTimeout(timer);
        this.#settled.delete(done);
        resolve();
      };
      const timer = setTimeout(done, SETTLE_MS);
      this.#settled.add(done);
    });
  }

  /** Tries again at once, for the button of the banner. */
  retryNow(): void {
    if (this.#state.status === 'lost') this.#open();
  }

  #plan(): void {
    if (this.#planned) return;
    this.#planned = true;
    // Leaving one page and entering the next is one change of topics, not two.
    setTimeout(() => {
      this.#planned = false;
      if (this.#topics() !== this.#wantedKey) this.#open();
      else if (this.#isCurrent()) this.#settle();
    }, 0);
  }

  #topics(): string {
    const topics = new Set<string>();
    for (const subscription of this.#subscriptions)
      for (const topic of subscription.topics) topics.add(topic);
    return [...topics].sort().join(',');
  }

  #isCurrent(): boolean {
    return this.#current !== null && this.#next === null && this.#state.status === 'open';
  }

  #open(): void {
    clearTimeout(this.#retry);
    this.#next?.close();
    this.#next = null;
    this.#wantedKey = this.#topics();
    if (this.#state.status === 'lost') this.#wasLost = true;
    if (this.#wantedKey === '') {
      this.#close();
      return;
    }
    const resume = this.#wasLost && this.#lastEventId ? { lastEventId: this.#lastEventId } : {};
    const source = new EventSource(withQuery('/api/live', { topics: this.#wantedKey, ...resume }));
    this.#next = source;
    if (this.#state.status === 'idle') this.#set('connecting');
    source.onopen = () => this.#opened(source);
    source.onerror = () => this.#failed(source);
    source.onmessage = (message) => {
      const event = JSON.parse(message.data as string) as LiveEvent;
      this.#lastEventId = message.lastEventId;
      this.#batch.add({ ...event, id: message.lastEventId });
    };
    source.addEventListener('reset', () => this.#reset(() => true));
  }

  #opened(source: EventSource): void {
    this.#attempt = 0;
    if (source === this.#next) {
      this.#current?.close();
      this.#current = source;
      this.#next = null;
      const before = this.#openTopics;
      this.#openTopics = new Set(this.#wantedKey.split(','));
      // Who waits for this fetches now; who did not, and who could not be resumed, fetches again.
      const isGap = this.#wasLost && this.#lastEventId === '';
      this.#reset(
        ({ topics }) => isGap || (this.#settled.size === 0 && topics.some((topic) => !before.has(topic))),
      );
    }
    this.#wasLost = false;
    this.#set('open');
    this.#settle();
  }

  #failed(source: EventSource): void {
    if (source !== this.#current && source !== this.#next) return;
    // Connecting again is the browser's work, with Last-Event-ID; closed means that it gave up.
    if (source.readyState !== EventSource.CLOSED) {
      if (source === this.#current) this.#set('lost');
      return;
    }
    source.close();
    if (source === this.#next) this.#next = null;
    if (source === this.#current) {
      this.#current = null;
      this.#wasLost = true;
    }
    this.#set('lost');
    // Refused rather than broken? Asking for the session leads to the sign-in page when it has ended.
    void api.get('/api/session').catch(() => {});
    const wait = RETRY_MS[Math.min(this.#attempt, RETRY_MS.length - 1)] ?? 15_000;
    this.#attempt += 1;
    clearTimeout(this.#retry);
    this.#retry = setTimeout(() => this.#open(), wait * (0.75 + Math.random() / 2));
  }

  #close(): void {
    this.#current?.close();
    this.#current = null;
    this.#openTopics.clear();
    this.#wasLost = false;
    this.#set('idle');
    this.#settle();
  }

  #reset(concerns: (subscription: Subscription) => boolean): void {
    for (const subscription of [...this.#subscriptions]) if (concerns(subscription)) subscription.onReset();
  }

  #settle(): void {
    for (const done of [...this.#settled]) done();
  }

  #set(status: LiveStatus): void {
    if (status === this.#state.status) return;
    this.#state = { status, lostAt: status === 'lost' ? Date.now() : null };
    for (const listener of this.#listeners) listener();
  }
}

export const live = new Live();
