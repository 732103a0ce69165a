import type { PushTopic } from '@polyrelay/codecs/push-topic';
import type { MonitorSettings } from '@polyrelay/contract';
import type { FastifyInstance } from 'fastify';
import type { RecordedEvent } from '#core/events/types.js';
import type { Place, PushMessage, ResourceFact } from '../types.js';

/** How a payload is made of messages: a monitor has all of these. */
export type PayloadFormat = Pick<MonitorSettings, 'formatType' | 'schemaType' | 'schemaData' | 'compression'>;

/** Bounds of one reading of the log for a monitor. */
export interface ReadOptions {
  /** Messages at the most. */
  limit: number;
  /** The monitor that reads: it is given its test events, too. */
  monitorId?: number | undefined;
  /** Up to this place, that one included; undefined: to the end of the log. */
  until?: Place | undefined;
}

/** A part of the log as a monitor sees it. */
export interface ReadPart {
  messages: PushMessage[];
  /** How far it looked: everything up to here was judged. */
  place: Place;
  /** Nothing is left behind it at present. */
  end: boolean;
}

/** What events are for monitors: resources, with topics and content, rendered. */
export class Resources {
  readonly #app: FastifyInstance;

  constructor(app: FastifyInstance) {
    this.#app = app;
  }

  /** The facts that events are, in the order of the log. Nothing is loaded but numbers, which are kept. */
  async factsOf(_events: RecordedEvent[]): Promise<ResourceFact[]> {
    throw new Error(`not there yet ${this.#app.config}`);
  }

  /** Makes facts ready to be sent: reads what they tell of, in one query for each kind. */
  async load(_facts: ResourceFact[]): Promise<PushMessage[]> {
    throw new Error('not there yet');
  }

  /** The next messages behind a place that topics mean. Looks at a bounded number of events. */
  async read(
    _ownerId: string,
    _topics: readonly PushTopic[],
    _after: Place,
    _options: ReadOptions,
  ): Promise<ReadPart> {
    throw new Error('not there yet');
  }

  /** How many messages behind a place topics mean, counted up to a bound. */
  async count(
    _ownerId: string,
    _topics: readonly PushTopic[],
    _after: Place,
    _bound: number,
    _monitorId?: number,
  ): Promise<{ events: number; more: boolean }> {
    throw new Error('not there yet');
  }

  /** The number that stands for a user in topics. */
  async customerId(_ownerId: string): Promise<number> {
    throw new Error('not there yet');
  }

  /** The numbers that stand for node servers and things, by their ids. */
  async deviceIds(
    _sources: { kind: 'nodeServer' | 'thing'; id: string; ownerId: string }[],
  ): Promise<Map<string, number>> {
    throw new Error('not there yet');
  }

  /**
   * The payload of a block: one document, in the format of a monitor and compressed if it asks for that. One of a single
   * message is kept a while, because many monitors may send it. A template that fails is told of in the log and
   * replaced by the standard document.
   */
  payloadOf(_messages: readonly PushMessage[], _format: PayloadFormat): Buffer {
    throw new Error('not there yet');
  }

  /** @throws invalid `invalidTemplate`: a Handlebars template that cannot be read, with line and column */
  checkTemplate(_text: string): void {
    throw new Error('not there yet');
  }
}
