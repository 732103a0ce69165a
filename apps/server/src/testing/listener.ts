import { type Thing, thingTopics } from '@polyrelay/contract';
import type { IClientOptions, MqttClient } from 'mqtt';
import type { TestService } from './service.js';
import { connectThing, thingFiles } from './things.js';

/** A message as a thing heard it. */
export interface Heard {
  topic: string;
  payload: unknown;
}

/** A thing that listens, and what it has heard. */
export class Listener {
  readonly heard: Heard[] = [];
  readonly client: MqttClient;
  #look = (): void => undefined;

  private constructor(client: MqttClient) {
    this.client = client;
    client.on('message', (topic, payload) => {
      this.heard.push({ topic, payload: JSON.parse(payload.toString()) });
      this.#look();
    });
  }

  /** Connects with the thing's certificate, and subscribes. */
  static async of(
    service: TestService,
    thing: Thing,
    options: IClientOptions & { topics?: ('ingress' | 'envelopes')[]; qos?: 0 | 1 } = {},
  ): Promise<Listener> {
    const { topics = ['ingress'], qos = 1, ...connection } = options;
    const files = await thingFiles(service, thing);
    const listener = new Listener(await connectThing(service, files, connection));
    await listener.client.subscribeAsync(
      topics.map((topic) => thingTopics(thing.name)[topic]),
      { qos },
    );
    return listener;
  }

  /** Resolves once so many messages were heard. */
  async until(count: number): Promise<Heard[]> {
    await new Promise<void>((resolve) => {
      this.#look = () => {
        if (this.heard.length >= count) resolve();
      };
      this.#look();
    });
    return this.heard;
  }
}
