import { channelOfEvent } from '@polyrelay/contract';
import type { FastifyInstance } from 'fastify';
import type { PoolClient } from 'pg';
import type { FollowedEvents } from '#core/events/followed.js';
import type { Follower } from '#core/events/follower.js';
import type { RecordedEvent, Recorder } from '#core/events/types.js';
import { factsOf } from '../facts/of-events.js';
import { Outbox, type Skipped } from './outbox.js';
import { RuleIndex } from './rule-index.js';

const MESSAGES = 'things/+/messages/+';
const VALUES = 'nodeServers/+/nodes/+/drivers/+';
const RULES = 'channels/+/rules/+';
const CHANNELS = 'channels/+';

/** So many bytes of a message weigh as much as an event. */
const BYTES_OF_ONE = 8192;

/** Whether an event says that rules are other ones than before. */
const changesRules = ({ topic, operation }: RecordedEvent): boolean =>
  topic.startsWith('channels/') && (topic.includes('/rules/') || operation === 'DELETION');

/** Routes facts into channels, as the rules say: each fact once for each rule, in the order of the log. */
export class Router {
  readonly #app: FastifyInstance;
  readonly #follower: Follower;
  readonly #ends: (() => void)[] = [];
  readonly #routed;
  readonly #skipped;
  #index: RuleIndex | undefined;

  constructor(app: FastifyInstance) {
    this.#app = app;
    const { metrics } = app;
    this.#routed = metrics.counter('polyrelay_rule_messages_total', 'Messages that rules added to channels');
    this.#skipped = metrics.counter(
      'polyrelay_rule_skipped_total',
      'Messages that a rule could not add, by reason',
      ['reason'],
    );
    this.#follower = app.events.follow({
      name: 'rules',
      filters: [MESSAGES, VALUES, RULES, CHANNELS],
      interest: () => this.#interest(),
      weigh: (event) => this.#weigh(event),
      work: (client, given, record) => this.#route(client, given, record),
      onSkipped: () => {
        // It may have told of rules.
        this.#index = undefined;
        this.#skip('failed', 1);
      },
    });
  }

  async start(): Promise<void> {
    await this.#follower.start();
    for (const filter of [RULES, CHANNELS])
      this.#ends.push(
        this.#app.events.on(filter, (event) => {
          if (changesRules(event)) this.#follower.reconsider();
        }),
      );
  }

  async stop(): Promise<void> {
    for (const end of this.#ends.splice(0)) end();
    await this.#follower.stop();
  }

  /** From here on nothing that was of no interest is looked at again. */
  settle(): Promise<void> {
    return this.#follower.settle();
  }

  /** Behind what no rule hears any more; undefined without an enabled rule. */
  async #interest(): Promise<number | undefined> {
    const { rows } = await this.#app.database.pool.query<{ since: string | null }>(
      'SELECT min(since) AS since FROM channel_rules WHERE enabled',
    );
    const since = rows[0]?.since ?? null;
    return since === null ? undefined : Number(since);
  }

  #weigh(event: RecordedEvent): number {
    const { bytes } = event.payload;
    const weight = typeof bytes === 'number' ? 1 + Math.floor(bytes / BYTES_OF_ONE) : 1;
    // By what is known of the rules: a page must not grow out of proportion where many take the same.
    return weight * Math.max(1, this.#index?.match(event).length ?? 1);
  }

  async #route(client: PoolClient, { events, resumed }: FollowedEvents, record: Recorder): Promise<boolean> {
    // Whatever changes rules stands in the log itself: those at hand are right up to the next such event.
    const changed = new Set(events.filter(changesRules).map(channelOfEvent));
    if (resumed || this.#index === undefined) this.#index = await RuleIndex.read(client);
    else if (changed.size > 0) await this.#index.reread(client, [...changed]);
    const index = this.#index;
    const matched = events.flatMap((event) => {
      const rules = index.match(event);
      return rules.length === 0 ? [] : [{ event, rules }];
    });
    if (matched.length === 0) return false;
    const facts = await factsOf(
      client,
      matched.map(({ event }) => event),
    );
    const outbox = new Outbox(this.#app, (why, count) => this.#skip(why, count));
    matched.forEach(({ rules }, i) => {
      const fact = facts[i] ?? 'deleted';
      for (const rule of rules) outbox.add(rule, fact);
    });
    this.#routed.inc(await outbox.send(client, record));
    return true;
  }

  #skip(reason: Skipped, count: number): void {
    // It went with its owner, of which no event tells.
    if (reason === 'channelGone') this.#index = undefined;
    this.#skipped.inc({ reason }, count);
    this.#app.logger.warn({ reason, count }, 'rules skipped messages');
  }
}
