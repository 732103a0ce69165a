import type { RuleMapping, RuleSource } from '@polyrelay/contract';
import type { PoolClient } from 'pg';
import type { RecordedEvent } from '#core/events/types.js';

/** A rule as routing needs it. */
export interface ActiveRule extends RuleMapping {
  id: string;
  channelId: number;
  /** Of the channel. */
  ownerId: string;
  /** Names of drivers; undefined: all. */
  drivers: Set<string> | undefined;
  /** Only events behind this one are meant. */
  since: number;
}

interface ActiveRow {
  id: string;
  channel_id: number;
  owner_id: string;
  source: RuleSource;
  keep: string[];
  rename: Record<string, string>;
  since: string;
}

const ACTIVE = `SELECT r.id, r.channel_id, c.owner_id, r.source, r.keep, r.rename, r.since
  FROM channel_rules r JOIN channels c ON c.id = r.channel_id WHERE r.enabled`;
const IN_ORDER = 'ORDER BY r.created_at, r.id';

const NONE: readonly ActiveRule[] = [];

/** The enabled rules by what they take: a fact meets only those that may mean it. */
export class RuleIndex {
  /** By `things/{id}`, `nodeServers/{id}`, and, of those that take all, by the kind and the owner. */
  readonly #rules = new Map<string, ActiveRule[]>();
  /** Where the rules of a channel stand. */
  readonly #keys = new Map<number, Set<string>>();

  /** The rules as they are in the transaction’s eyes. */
  static async read(client: PoolClient): Promise<RuleIndex> {
    const { rows } = await client.query<ActiveRow>({ name: 'rules-active', text: `${ACTIVE} ${IN_ORDER}` });
    const index = new RuleIndex();
    for (const row of rows) index.#add(row);
    return index;
  }

  /** Reads those of some channels again: what one change costs does not grow with all rules. */
  async reread(client: PoolClient, channelIds: number[]): Promise<void> {
    const { rows } = await client.query<ActiveRow>({
      name: 'rules-active-of',
      text: `${ACTIVE} AND r.channel_id = ANY($1) ${IN_ORDER}`,
      values: [channelIds],
    });
    for (const id of channelIds) this.#remove(id);
    for (const row of rows) this.#add(row);
  }

  /** Rules that take what an event tells of; those of one channel always in the same order. */
  match({ topic, operation, payload, id, ownerId }: RecordedEvent): readonly ActiveRule[] {
    const [kind, source, , , , driver] = topic.split('/');
    if (kind === 'things' && (operation !== 'INSERTION' || payload.type !== 'egress')) return NONE;
    const chosen = this.#rules.get(`${kind}/${source}`);
    const all = this.#rules.get(`${kind} of ${ownerId}`);
    const candidates =
      chosen === undefined ? (all ?? NONE) : all === undefined ? chosen : [...chosen, ...all];
    return candidates.filter(
      (rule) =>
        rule.since < id &&
        rule.ownerId === ownerId &&
        (rule.drivers === undefined || rule.drivers.has(driver ?? '')),
    );
  }

  #add({ id, channel_id: channelId, owner_id: ownerId, source, keep, rename, since }: ActiveRow): void {
    const drivers =
      source.kind === 'nodeServers' && source.drivers.length > 0 ? new Set(source.drivers) : undefined;
    const rule = { id, channelId, ownerId, drivers, keep, rename, since: Number(since) };
    const chosen = source.kind === 'things' ? source.things : source.nodeServers;
    const keys =
      chosen === 'all'
        ? [`${source.kind} of ${ownerId}`]
        : [...new Set(chosen)].map((one) => `${source.kind}/${one}`);
    for (const key of keys) {
      const rules = this.#rules.get(key);
      if (rules === undefined) this.#rules.set(key, [rule]);
      else rules.push(rule);
    }
    this.#keys.set(channelId, new Set([...(this.#keys.get(channelId) ?? []), ...keys]));
  }

  #remove(channelId: number): void {
    for (const key of this.#keys.get(channelId) ?? []) {
      const others = this.#rules.get(key)?.filter((rule) => rule.channelId !== channelId) ?? [];
      if (others.length === 0) this.#rules.delete(key);
      else this.#rules.set(key, others);
    }
    this.#keys.delete(channelId);
  }
}
