import { parseTopics, TopicIndex } from '@polyrelay/codecs/push-topic';
import type { MonitorLag } from '@polyrelay/contract';
import type { FastifyInstance } from 'fastify';
import { lookAtLog } from './log.js';
import type { MonitorWithState } from './read.js';
import { eventIdOf, keepsPlace, placeAfter } from './types.js';

/** Events that wait are counted so far. */
export const MAX_LAG = 1000;
/** Newest events that a list looks at. */
const LOOKED_AT = 2000;
/** Those farther behind are counted one by one for so long. */
const COUNTING_MS = 200;

type Waiting = Pick<
  MonitorWithState,
  'id' | 'ownerId' | 'topic' | 'status' | 'place' | 'transportType' | 'ackOption' | 'autoReplayOnConnect'
>;

const NONE: MonitorLag = { events: 0, more: false };

/**
 * Whether anything waits for a monitor at all. For one that keeps no place nothing does while nobody is connected, and
 * for one that was given up neither: when it is changed it begins at what happens then.
 */
const waits = ({ events }: FastifyInstance, monitor: Waiting): boolean =>
  monitor.transportType !== 'polling' &&
  monitor.status !== 'DISABLED' &&
  (monitor.status === 'ACTIVE' || keepsPlace(monitor)) &&
  monitor.place < placeAfter(events.last);

/** How many events wait for one monitor. */
export async function lagOf(app: FastifyInstance, monitor: Waiting): Promise<MonitorLag> {
  if (!waits(app, monitor)) return NONE;
  const { id, ownerId, topic, place } = monitor;
  return app.monitors.resources.count(ownerId, parseTopics(topic), place, MAX_LAG, id);
}

/**
 * How many events wait for each of several monitors, in a bounded time. One look at the newest events serves all of
 * them; of those that are farther behind as many are counted as the time allows, the others have `more`.
 */
export async function lagsOf(app: FastifyInstance, monitors: Waiting[]): Promise<MonitorLag[]> {
  const behind = monitors.filter((monitor) => waits(app, monitor));
  if (behind.length === 0) return monitors.map(() => NONE);
  const oldest = Math.min(...behind.map(({ place }) => eventIdOf(place)));
  const owners = [...new Set(behind.map(({ ownerId }) => ownerId))];
  // The event that a place is in may have messages behind it.
  const window = await lookAtLog(app.database.pool, owners, oldest - 1, 'newest', LOOKED_AT);
  const counts = await countIn(app, window.events, behind);
  const until = performance.now() + COUNTING_MS;
  const lags: MonitorLag[] = [];
  for (const monitor of monitors) {
    const count = counts.get(monitor.id);
    // What it waits for may be before what was looked at.
    const unseen = window.full && (window.first ?? 0) > eventIdOf(monitor.place) + 1;
    if (count === undefined) lags.push(NONE);
    else if (unseen && count < MAX_LAG && performance.now() < until) lags.push(await lagOf(app, monitor));
    else lags.push({ events: Math.min(count, MAX_LAG), more: count > MAX_LAG || unseen });
  }
  return lags;
}

async function countIn(
  app: FastifyInstance,
  events: Parameters<FastifyInstance['monitors']['resources']['factsOf']>[0],
  monitors: Waiting[],
): Promise<Map<number, number>> {
  const index = new TopicIndex<Waiting>();
  for (const monitor of monitors) index.add(monitor.ownerId, parseTopics(monitor.topic), monitor);
  const byId = new Map(monitors.map((monitor) => [monitor.id, monitor]));
  const counts = new Map(monitors.map(({ id }) => [id, 0]));
  for (const fact of await app.monitors.resources.factsOf(events)) {
    const only = fact.monitorId === undefined ? undefined : byId.get(fact.monitorId);
    const meant = fact.monitorId === undefined ? index.match(fact) : only === undefined ? [] : [only];
    for (const { id, place } of meant) if (fact.place > place) counts.set(id, (counts.get(id) ?? 0) + 1);
  }
  return counts;
}
