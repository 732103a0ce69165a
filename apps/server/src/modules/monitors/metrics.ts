import type { MonitorStatus, TransportType } from '@polyrelay/contract';
import type { FastifyInstance } from 'fastify';
import { STATE_TABLES, STATUS } from './status.js';

interface Figure {
  transport: TransportType;
  status: MonitorStatus;
  count: number;
}

/** Monitors by transport and status, counted when somebody asks for the metrics. */
export function countMonitors({ metrics, database }: FastifyInstance): void {
  metrics.gauges('polyrelay_monitors', 'Push monitors', ['transport', 'status'], async () => {
    const { rows } = await database.pool.query<Figure>(
      `SELECT m.transport_type AS transport, ${STATUS} AS status, count(*)::int AS count
       FROM ${STATE_TABLES} GROUP BY 1, 2`,
    );
    return rows.map(({ transport, status, count }) => ({ labels: { transport, status }, value: count }));
  });
}
