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
  #last: Promise<void>;
  #stopped = false;

  constructor(app: FastifyInstance) {
    this.#app = app;
    this.#changes = new StateChanges(app, {
      localOnly: true,
      wanted: () => true,
      tell: ({ id, field, value }) => this.#publish(channelTopics.state(id, field), value),
    });
    this.#last = Promise.resolve();
  }

  /** What a broker lost, or never had, is told anew by each start. */
  async start(): Promise<void> {
    for (const { id, state } of await readStates(this.#app.database.pool, {}))
      for (const field of STATE_FIELDS)
        this.#publish(channelTopics.state(id, field), JSON.stringify(state[field]));
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#changes.stop();
    await this.#last;
  }

  /** One after the other, so that a newer state never comes before an older one. */
  #publish(topic: string, value: string): void {
    this.#last = this.#last.then(async () => {
      while (!this.#stopped)
        try {
          await this.#app.mqtt.publish(topic, value, { retain: true });
          return;
        } catch (error) {
          this.#app.log.debug(`states of channels wait for the MQTT broker: ${messageOf(error)}`);
          await delay(RETRY_MS);
        }
    });
  }
}
