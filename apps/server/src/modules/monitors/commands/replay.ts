import { parseTopics } from '@polyrelay/codecs/push-topic';
import type { MonitorReplay } from '@polyrelay/contract';
import type { FastifyInstance } from 'fastify';
import { DomainError } from '#core/errors.js';
import { MAX_LAG } from '../lag.js';
import { firstEventSince, logBegins } from '../log.js';
import { type MonitorRecord, type Place, placeAfter } from '../types.js';

/** Looks at the log for the first event; each look is bounded itself. */
const LOOKS = 20;

/**
 * Sends again what happened since a time, and then what is new. The log bounds how far back that is.
 * @throws conflict: nothing is sent to who reads by polling
 */
export async function replayMonitor(
  app: FastifyInstance,
  actor: string,
  monitor: MonitorRecord,
  since: Date,
): Promise<MonitorReplay> {
  if (monitor.transportType === 'polling')
    throw new DomainError(
      'conflict',
      'polling',
      'A polling monitor is sent nothing. Read its history with start_time instead.',
    );
  const { pool } = app.database;
  const first = await firstEventSince(pool, since);
  const place = placeAfter(first === undefined ? app.events.last : first - 1);
  await app.monitors.replay(monitor, place);
  await app.audit.record({
    actor,
    action: 'monitor.replay',
    target: monitor.topic,
    detail: { id: monitor.id, from: since.toISOString() },
  });
  const [from, begins, lag] = await Promise.all([
    firstTime(app, monitor, place),
    logBegins(pool),
    app.monitors.resources.count(monitor.ownerId, parseTopics(monitor.topic), place, MAX_LAG, monitor.id),
  ]);
  return { from: from?.toISOString() ?? null, logBegins: begins?.toISOString() ?? null, lag };
}

async function firstTime(
  app: FastifyInstance,
  { id: monitorId, ownerId, topic }: MonitorRecord,
  after: Place,
): Promise<Date | undefined> {
  const topics = parseTopics(topic);
  let place = after;
  for (let look = 0; look < LOOKS; look++) {
    const part = await app.monitors.resources.read(ownerId, topics, place, { limit: 1, monitorId });
    const [first] = part.messages;
    if (first !== undefined || part.end) return first?.event.at;
    place = part.place;
  }
  return undefined;
}
