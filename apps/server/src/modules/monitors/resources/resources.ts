import { type PushTopic, topicMeans } from '@polyrelay/codecs/push-topic';
import type { FastifyInstance } from 'fastify';
import type { RecordedEvent } from '#core/events/types.js';
import { type Place, type PushMessage, placeOf, type ResourceFact } from '../types.js';
import { Contents } from './content.js';
import { type DeviceSource, type Draft, draftsOf } from './drafts.js';
import { KeptMessages, weightOf } from './kept-messages.js';
import { type LogPart, logTopicsOf, readLog } from './log.js';
import { Message } from './message.js';
import { Numbers } from './numbers.js';
import { documentOf, Payloads } from './payload.js';
import { checkTemplate, Templates } from './template.js';
import type { PayloadFormat, ReadOptions, ReadPart } from './types.js';

/** Messages of one reading are not heavier than this together, except a single one. */
const MAX_READ_WEIGHT = 16 * 1024 * 1024;
/** Pages of the log that one count looks at. */
const COUNTED_PAGES = 3;
/** A template that fails is told of in the log so often. */
const TOLD_EVERY_MS = 60_000;

/** What events are for monitors: resources, with topics and content, rendered. */
export class Resources {
  readonly #app: FastifyInstance;
  readonly #numbers: Numbers;
  readonly #contents: Contents;
  readonly #kept = new KeptMessages();
  readonly #payloads = new Payloads();
  readonly #templates = new Templates();
  readonly #failures;
  #toldAt = 0;

  constructor(app: FastifyInstance) {
    this.#app = app;
    this.#numbers = new Numbers(app.database.pool);
    this.#contents = new Contents(app);
    this.#failures = app.metrics.counter(
      'polyrelay_push_template_failures_total',
      'Payloads of push monitors whose template failed',
    );
  }

  /** The facts that events are, in the order of the log. Nothing is loaded but numbers, which are kept. */
  async factsOf(events: readonly RecordedEvent[]): Promise<ResourceFact[]> {
    const drafted = events.map((event) => ({ event, drafts: draftsOf(event) }));
    const missing = drafted.flatMap(({ drafts }) =>
      drafts.flatMap(({ device }) =>
        device === undefined || this.#numbers.keptDevice(device.id) !== undefined ? [] : device,
      ),
    );
    const made = missing.length === 0 ? undefined : await this.#numbers.devices(missing);
    const numberOf = ({ id }: DeviceSource): number => this.#numbers.keptDevice(id) ?? made?.get(id) ?? 0;
    return drafted.flatMap(({ event, drafts }) =>
      drafts.map((draft, part) => factOf(event, part, draft, numberOf)),
    );
  }

  /** Makes facts ready to be sent: reads what they tell of, in one query for each kind. */
  async load(facts: readonly ResourceFact[]): Promise<PushMessage[]> {
    const missing = facts.filter(({ place }) => this.#kept.get(place) === undefined);
    const made = new Map<Place, PushMessage>();
    for (const { place } of facts) {
      const kept = this.#kept.get(place);
      if (kept !== undefined) made.set(place, kept);
    }
    if (missing.length > 0) {
      const customers = await this.#numbers.customers(missing.map(({ ownerId }) => ownerId));
      const contents = await this.#contents.of(missing, customers);
      missing.forEach((fact, i) => {
        const message = new Message(fact, customers.get(fact.ownerId) ?? 0, contents[i] ?? {});
        made.set(fact.place, message);
        this.#kept.add(message);
      });
    }
    return facts.flatMap(({ place }) => made.get(place) ?? []);
  }

  /** The next messages behind a place that topics mean. Looks at a bounded number of events. */
  async read(
    ownerId: string,
    topics: readonly PushTopic[],
    after: Place,
    { limit, monitorId, until }: ReadOptions,
  ): Promise<ReadPart> {
    const part = await this.#look(ownerId, topics, after, { limit, monitorId, until });
    const taken = bounded(part.facts, limit);
    const last = taken.at(-1);
    const whole = taken.length === part.facts.length || last === undefined;
    return {
      messages: await this.load(taken),
      place: whole ? part.place : last.place,
      end: whole && part.end,
    };
  }

  /** How many messages behind a place topics mean, counted up to a bound, in a bounded part of the log. */
  async count(
    ownerId: string,
    topics: readonly PushTopic[],
    after: Place,
    bound: number,
    monitorId?: number,
  ): Promise<{ events: number; more: boolean }> {
    let events = 0;
    let place = after;
    for (let page = 0; page < COUNTED_PAGES; page++) {
      const part = await this.#look(ownerId, topics, place, { limit: bound - events, monitorId });
      events += part.facts.length;
      if (events > bound) return { events: bound, more: true };
      if (part.end) return { events, more: false };
      if (events === bound) break;
      place = part.place;
    }
    return { events, more: true };
  }

  /** The number that stands for a user in topics; 0: the user is gone. */
  async customerId(ownerId: string): Promise<number> {
    return (await this.#numbers.customers([ownerId])).get(ownerId) ?? 0;
  }

  /** The numbers that stand for node servers and things, by their ids. */
  deviceIds(sources: readonly DeviceSource[]): Promise<Map<string, number>> {
    return this.#numbers.devices(sources);
  }

  /** The node server or thing of a user that a number stands for, which may be gone; undefined: it stands for none. */
  sourceOf(ownerId: string, deviceId: number): Promise<string | undefined> {
    return this.#numbers.sourceOf(ownerId, deviceId);
  }

  /**
   * The payload of a block: one document, in the format of a monitor and compressed if it asks for that. One of a single
   * message is kept a while, because many monitors may send it. A template that fails is told of in the log and
   * replaced by the standard document.
   */
  payloadOf(messages: readonly PushMessage[], format: PayloadFormat): Buffer {
    return (
      this.#payloads.kept(messages, format) ??
      this.#payloads.make(messages, format, this.#textOf(messages, format))
    );
  }

  /** @throws invalid `invalidTemplate`: a Handlebars template that cannot be used, with line and column */
  checkTemplate(text: string): void {
    checkTemplate(text);
  }

  #textOf(messages: readonly PushMessage[], { formatType, schemaType, schemaData }: PayloadFormat): string {
    if (schemaType === null) return documentOf(messages, formatType);
    try {
      return this.#templates.render(schemaData, messages, formatType);
    } catch (error) {
      this.#failures.inc();
      if (Date.now() - this.#toldAt > TOLD_EVERY_MS) {
        this.#toldAt = Date.now();
        const owner = messages[0]?.ownerId;
        this.#app.logger.warn({ err: error, owner }, 'a template failed; the standard document is sent');
      }
      return documentOf(messages, formatType);
    }
  }

  /** Facts of the next part of the log that a monitor is sent. */
  async #look(
    ownerId: string,
    topics: readonly PushTopic[],
    after: Place,
    { limit, monitorId, until }: ReadOptions,
  ): Promise<Pick<LogPart, 'place' | 'end'> & { facts: ResourceFact[] }> {
    const wanted = logTopicsOf(topics, monitorId);
    const query = { ownerId, topics: wanted, after, limit: Math.max(1, limit), until };
    const { events, place, end } = await readLog(this.#app.database.pool, query);
    const facts = (await this.factsOf(events)).filter(
      (fact) =>
        fact.place > after &&
        (until === undefined || fact.place <= until) &&
        (fact.monitorId === undefined
          ? topics.some((topic) => topicMeans(topic, fact))
          : fact.monitorId === monitorId),
    );
    return { facts, place: until === undefined ? place : Math.min(place, until), end };
  }
}

/** As many of the facts as one reading takes, at least one. */
function bounded(facts: ResourceFact[], limit: number): ResourceFact[] {
  let weight = 0;
  const end = facts.findIndex((fact, i) => {
    weight += weightOf(fact);
    return i > 0 && (i >= limit || weight > MAX_READ_WEIGHT);
  });
  return end === -1 ? facts : facts.slice(0, end);
}

const factOf = (
  event: RecordedEvent,
  part: number,
  { resource, path, operation, device, monitorId }: Draft,
  numberOf: (device: DeviceSource) => number,
): ResourceFact => ({
  place: placeOf(event.id, part),
  ownerId: event.ownerId ?? '',
  resource,
  path: device === undefined ? path : [String(numberOf(device)), ...path],
  operation,
  group: event.group,
  monitorId,
  event,
});
