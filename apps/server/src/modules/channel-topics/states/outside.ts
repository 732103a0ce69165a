import { setTimeout as delay } from 'node:timers/promises';
import { channelTopics } from '@polyrelay/contract';
import type { FastifyInstance } from 'fastify';
import { messageOf } from '#core/errors.js';
import { StateChanges } from './changes.js';
import { readStates, STATE_FIELDS } from './fields.js';

const RETRY_MS = 1000;

/** Keeps the retained states of all channels at an outside broker. */
export class OutsideStates {
  readonly #app: FastifyInstance;
  readonly #changes: StateChanges;
  readonly #stopping = new AbortController();
  /** What is to be published, by topic: of several changes the last one alone, however long the broker is away. */
  readonly #waiting = new Map<string, string>();
  #publishing: Promise<void> = Promise.resolve();
  #running = false;

  constructor(app: FastifyInstance) {
    this.#app = app;
    this.#changes = new StateChanges(app, {
      localOnly: true,
      wanted: () => true,
      tell: ({ id, field, value }) => this.#publish(channelTopics.state(id, field), value),
    });
  }

  /** What a broker lost, or never had, is told anew by each start. */
  async start(): Promise<void> {
    for (const { id, state } of await readStates(this.#app.database.pool, {}))
      for (const field of STATE_FIELDS)
        this.#publish(channelTopics.state(id, field), JSON.stringify(state[field]));
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#changes.stop();
    await this.#publishing;
  }

  #publish(topic: string, value: string): void {
    this.#waiting.set(topic, value);
    if (!this.#running) this.#publishing = this.#publishAll();
  }

  /** One after the other, so that a newer state never comes before an older one. */
  async #publishAll(): Promise<void> {
    const { signal } = this.#stopping;
    this.#running = true;
    for (let [next] = this.#waiting; next !== undefined && !signal.aborted; [next] = this.#waiting) {
      const [topic, value] = next;
      try {
        await this.#app.mqtt.publish(topic, value, { retain: true });
        if (this.#waiting.get(topic) === value) this.#waiting.delete(topic);
      } catch (error) {
        this.#app.log.debug(`states of channels wait for the MQTT broker: ${messageOf(error)}`);
        await delay(RETRY_MS, undefined, { signal }).catch(() => undefined);
      }
    }
    this.#running = false;
  }
}
