import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

const MINUTES = 60;

/** What is counted for the overview's plots, in each of the last 60 minutes. */
export type RateName =
  | 'driverUpdates'
  | 'workerMessages'
  | 'relays'
  | 'messagesCollected'
  | 'messagesPublished'
  | 'channelMessages';

/**
 * Figures of one running service: Prometheus metrics for `/metrics`, and counts per minute for the overview.
 */
export class Metrics {
  readonly registry = new Registry();
  readonly #counters: Record<RateName, Counter>;
  readonly #minutes: Record<RateName, { minute: number; counts: number[] }>;

  constructor() {
    collectDefaultMetrics({ register: this.registry, prefix: 'polyrelay_' });
    this.#counters = {
      driverUpdates: this.counter('polyrelay_driver_updates_total', 'Driver values written'),
      workerMessages: this.counter('polyrelay_worker_messages_total', 'MQTT messages from workers'),
      relays: this.counter('polyrelay_oauth_relays_total', 'OAuth callbacks relayed to workers'),
      messagesCollected: this.counter('polyrelay_messages_collected_total', 'Messages collected from things'),
      messagesPublished: this.counter('polyrelay_messages_published_total', 'Messages published to things'),
      channelMessages: this.counter('polyrelay_channel_messages_total', 'Messages added to channels'),
    };
    const empty = () => ({ minute: minuteNow(), counts: new Array<number>(MINUTES).fill(0) });
    this.#minutes = {
      driverUpdates: empty(),
      workerMessages: empty(),
      relays: empty(),
      messagesCollected: empty(),
      messagesPublished: empty(),
      channelMessages: empty(),
    };
  }

  count(name: RateName, by = 1): void {
    this.#counters[name].inc(by);
    const counts = this.#upToNow(name);
    counts[MINUTES - 1] = (counts[MINUTES - 1] ?? 0) + by;
  }

  /** Counts in each of the last 60 minutes, oldest first; the last one is still running. */
  perMinute(name: RateName): number[] {
    return [...this.#upToNow(name)];
  }

  gauge(name: string, help: string, read: () => number | Promise<number>): void {
    new Gauge({
      name,
      help,
      registers: [this.registry],
      async collect() {
        this.set(await read());
      },
    });
  }

  /** The same for several figures under one name, told apart by labels. */
  gauges<Label extends string>(
    name: string,
    help: string,
    labelNames: Label[],
    read: () => Promise<{ labels: Record<Label, string>; value: number }[]>,
  ): void {
    new Gauge({
      name,
      help,
      labelNames,
      registers: [this.registry],
      async collect() {
        const figures = await read();
        this.reset();
        for (const { labels, value } of figures) this.set(labels, value);
      },
    });
  }

  counter(name: string, help: string, labelNames: string[] = []): Counter {
    return new Counter({ name, help, labelNames, registers: [this.registry] });
  }

  /** A counter of what happens ten thousand times a second: whoever counts adds to its `count`. */
  tally(name: string, help: string): { count: number } {
    const tally = { count: 0 };
    new Counter({
      name,
      help,
      registers: [this.registry],
      collect() {
        this.reset();
        this.inc(tally.count);
      },
    });
    return tally;
  }

  histogram(name: string, help: string, buckets: number[]): Histogram {
    return new Histogram({ name, help, buckets, registers: [this.registry] });
  }

  #upToNow(name: RateName): number[] {
    const ring = this.#minutes[name];
    const now = minuteNow();
    for (let passed = Math.min(now - ring.minute, MINUTES); passed > 0; passed--) {
      ring.counts.shift();
      ring.counts.push(0);
    }
    ring.minute = Math.max(ring.minute, now);
    return ring.counts;
  }
}

const minuteNow = (): number => Math.floor(Date.now() / 60_000);
