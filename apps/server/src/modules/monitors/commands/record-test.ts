import type { FastifyInstance } from 'fastify';
import type { AppendedRow } from '#core/events/store.js';
import type { MonitorRecord } from '../types.js';

const FACT = `WITH facts AS (
  SELECT 1 AS n, $1::uuid AS owner_id, $2::text AS topic, 'INSERTION' AS operation, '{}'::jsonb AS payload
)`;

/** Records an event that only this monitor is sent. @returns its id in the log */
export async function testMonitor(
  app: FastifyInstance,
  { id, ownerId }: Pick<MonitorRecord, 'id' | 'ownerId'>,
): Promise<string> {
  const topic = `monitors/${id}/test`;
  const { event_ids: eventId } = await app.events.statement<AppendedRow>(
    app.events.factStatement('monitor-test', FACT, 'count(*) AS recorded'),
    [ownerId, topic],
    () => [{ topic, operation: 'INSERTION', ownerId }],
  );
  return eventId;
}
