import { MAX_CHANNEL_MESSAGE_BYTES } from '@polyrelay/contract';
import type { FastifyInstance } from 'fastify';
import type { PoolClient } from 'pg';
import { DomainError } from '#core/errors.js';
import type { Recorder } from '#core/events/types.js';
import { exactJson } from '../facts/exact.js';
import type { Fact } from '../facts/fact.js';
import { mapped } from '../facts/mapped.js';
import type { Refused } from '../facts/of-events.js';
import type { ActiveRule } from './rule-index.js';

/** Why a message was not added: see {@link Refused}; its channel is disabled or gone; it failed every time. */
export type Skipped = Refused | 'channelDisabled' | 'channelGone' | 'failed';

interface Outgoing {
  ruleId: string;
  ident: string;
  timestamp: number;
  json: string;
  bytes: number;
}

const UPDATE_RULES = `
UPDATE channel_rules r SET added = r.added + u.added, last_at = greatest(r.last_at, clock_timestamp())
FROM unnest($1::uuid[], $2::bigint[]) AS u(id, added) WHERE r.id = u.id`;

/** The messages of one transaction, by their channels. */
export class Outbox {
  readonly #app: FastifyInstance;
  readonly #skip: (why: Skipped, count: number) => void;
  readonly #channels = new Map<number, Outgoing[]>();
  readonly #skipped = new Map<Skipped, number>();

  constructor(app: FastifyInstance, skip: (why: Skipped, count: number) => void) {
    this.#app = app;
    this.#skip = skip;
  }

  /** What a rule makes of a fact. */
  add(rule: ActiveRule, fact: Fact | Refused): void {
    const outgoing = typeof fact === 'string' ? fact : outgoingOf(rule, fact);
    const waiting = this.#channels.get(rule.channelId);
    if (typeof outgoing === 'string') this.#count(outgoing, 1);
    else if (waiting === undefined) this.#channels.set(rule.channelId, [outgoing]);
    else waiting.push(outgoing);
  }

  /** Adds them, one batch a channel. @returns how many */
  async send(client: PoolClient, record: Recorder): Promise<number> {
    const added = new Map<string, number>();
    let sent = 0;
    // Each writer holds the head of a channel until its commit: in one order they never wait for each other in a ring.
    for (const [id, messages] of [...this.#channels].sort(([a], [b]) => a - b)) {
      const refused = await this.#append(client, record, id, messages);
      if (refused !== undefined) {
        this.#count(refused, messages.length);
        continue;
      }
      sent += messages.length;
      for (const { ruleId } of messages) added.set(ruleId, (added.get(ruleId) ?? 0) + 1);
    }
    if (added.size > 0)
      await client.query({
        name: 'rules-added',
        text: UPDATE_RULES,
        values: [[...added.keys()], [...added.values()]],
      });
    for (const [why, count] of this.#skipped) this.#skip(why, count);
    return sent;
  }

  async #append(
    client: PoolClient,
    record: Recorder,
    id: number,
    messages: Outgoing[],
  ): Promise<Skipped | undefined> {
    const { channels } = this.#app;
    const channel = await channels.find(id);
    if (channel === undefined) return 'channelGone';
    if (!channel.enabled) return 'channelDisabled';
    try {
      await channels.appendWith(client, record, channel, messages);
      return undefined;
    } catch (error) {
      // Deleted or disabled since: nothing was written, and the transaction is whole.
      if (!(error instanceof DomainError)) throw error;
      return error.kind === 'notFound' ? 'channelGone' : 'channelDisabled';
    }
  }

  #count(why: Skipped, count: number): void {
    this.#skipped.set(why, (this.#skipped.get(why) ?? 0) + count);
  }
}

function outgoingOf(rule: ActiveRule, fact: Fact): Outgoing | Refused {
  const message = mapped(fact.message, rule);
  const json = exactJson(message);
  const bytes = Buffer.byteLength(json);
  if (bytes > MAX_CHANNEL_MESSAGE_BYTES) return 'tooLarge';
  return { ruleId: rule.id, ident: message.ident, timestamp: message.timestamp, json, bytes };
}
