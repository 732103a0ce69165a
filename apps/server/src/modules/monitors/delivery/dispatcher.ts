import type { PushTopic } from '@polyrelay/codecs/push-topic';
import { TopicIndex } from '@polyrelay/codecs/push-topic';
import type { Logger } from 'pino';
import type { RecordedEvent } from '#core/events/types.js';
import type { Resources } from '../resources/index.js';
import { type Place, type PushMessage, placeAfter, type ResourceFact } from '../types.js';

/** What hears events while they happen. */
export interface Hearer {
  readonly monitor: { readonly id: number; readonly ownerId: string };
  readonly topics: readonly PushTopic[];
  /** In which turn it heard something last. Kept by {@link Dispatcher}. */
  heardIn: number;
  hear(message: PushMessage, now: number): void;
  /** It could not be given what there was up to a place. */
  miss(place: Place): void;
  /** The events of one turn were heard. */
  pump(now: number): void;
}

/** Events that wait to be handed on. Beyond this everybody reads the log instead. */
const MAX_WAITING = 5000;
/** Events handed on together at the most. */
const MAX_TURN = 500;

/**
 * The live tail of the event log: hands each event to those it is meant for, in order. Events of owners for whom
 * nothing is delivered cost one look-up.
 */
export class Dispatcher {
  readonly #resources: Resources;
  readonly #log: Logger;
  readonly #lastId: () => number;
  readonly #index = new TopicIndex<Hearer>();
  readonly #byMonitor = new Map<number, Hearer>();
  readonly #byOwner = new Map<string, Set<Hearer>>();
  #waiting: RecordedEvent[] = [];
  #busy = false;
  #turns = 0;
  /** First event of those that are being handed on. */
  #first: number | undefined;

  /** @param lastId id of the last event that was announced */
  constructor(options: { resources: Resources; log: Logger; lastId: () => number }) {
    this.#resources = options.resources;
    this.#log = options.log;
    this.#lastId = options.lastId;
  }

  /** Everything up to here was handed to those who hear, whatever they made of it. */
  get frontier(): Place {
    const first = this.#first ?? this.#waiting[0]?.id;
    return placeAfter(first === undefined ? this.#lastId() : first - 1);
  }

  add(hearer: Hearer): void {
    const { id, ownerId } = hearer.monitor;
    this.#index.add(ownerId, hearer.topics, hearer);
    this.#byMonitor.set(id, hearer);
    const others = this.#byOwner.get(ownerId);
    if (others === undefined) this.#byOwner.set(ownerId, new Set([hearer]));
    else others.add(hearer);
  }

  remove(hearer: Hearer): void {
    const { id, ownerId } = hearer.monitor;
    this.#index.remove(ownerId, hearer.topics, hearer);
    if (this.#byMonitor.get(id) === hearer) this.#byMonitor.delete(id);
    const others = this.#byOwner.get(ownerId);
    others?.delete(hearer);
    if (others?.size === 0) this.#byOwner.delete(ownerId);
  }

  /** Hears of an event of the log. Called in its order. */
  hear(event: RecordedEvent): void {
    if (event.ownerId === null || !this.#byOwner.has(event.ownerId) || isOwnTalk(event.topic)) return;
    this.#waiting.push(event);
    if (this.#busy) {
      if (this.#waiting.length > MAX_WAITING) this.#miss(this.#waiting.splice(0));
      return;
    }
    this.#busy = true;
    // What is announced in this turn of the event loop goes together.
    setImmediate(() => void this.#handOn());
  }

  async #handOn(): Promise<void> {
    while (this.#waiting.length > 0) {
      const events = this.#waiting.splice(0, MAX_TURN);
      this.#first = events[0]?.id;
      try {
        await this.#turn(events);
      } catch (error) {
        this.#log.warn({ err: error }, 'events could not be handed to monitors; they read them from the log');
        this.#miss(events);
      }
      this.#first = undefined;
    }
    this.#busy = false;
  }

  async #turn(events: RecordedEvent[]): Promise<void> {
    const meant = new Map<Place, Hearer[]>();
    const facts = (await this.#resources.factsOf(events)).filter((fact) => {
      const hearers = this.#hearersOf(fact);
      if (hearers.length > 0) meant.set(fact.place, hearers);
      return hearers.length > 0;
    });
    if (facts.length === 0) return;
    const messages = await this.#resources.load(facts);
    const turn = ++this.#turns;
    const touched: Hearer[] = [];
    const now = performance.now();
    for (const message of messages)
      for (const hearer of meant.get(message.place) ?? []) {
        hearer.hear(message, now);
        if (hearer.heardIn === turn) continue;
        hearer.heardIn = turn;
        touched.push(hearer);
      }
    for (const hearer of touched) hearer.pump(now);
  }

  #hearersOf(fact: ResourceFact): Hearer[] {
    if (fact.monitorId === undefined) return this.#index.match(fact);
    const hearer = this.#byMonitor.get(fact.monitorId);
    return hearer === undefined ? [] : [hearer];
  }

  /** Whoever the events may be meant for reads the log. */
  #miss(events: RecordedEvent[]): void {
    const last = new Map<string, number>();
    for (const { ownerId, id } of events) if (ownerId !== null) last.set(ownerId, id);
    const now = performance.now();
    for (const [ownerId, id] of last)
      for (const hearer of this.#byOwner.get(ownerId) ?? []) {
        hearer.miss(placeAfter(id));
        hearer.pump(now);
      }
  }
}

/** What monitors tell of themselves is not pushed, but for test events. */
const isOwnTalk = (topic: string): boolean => topic.startsWith('monitors/') && !topic.endsWith('/test');
