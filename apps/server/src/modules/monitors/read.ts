import type { Monitor } from '@polyrelay/contract';
import type { FastifyInstance } from 'fastify';
import { notFound } from '#core/errors.js';
import { lagOf } from './lag.js';
import { presentMonitor } from './present.js';
import { type MonitorState, STATE, STATE_TABLES, type StateRow, stateOf } from './status.js';
import { recordOf } from './store.js';
import type { MonitorRecord } from './types.js';

/** A monitor, and how it does. */
export interface MonitorWithState extends MonitorRecord, MonitorState {}

/** Which monitors of a user are wanted; all when left out. */
export interface MonitorFilter {
  id?: number | undefined;
  /** The text as it was written when it was made. */
  topic?: string | undefined;
  /** Those with a greater id. */
  after?: number | undefined;
  limit?: number | undefined;
}

/** Monitors of one user, in the order of their ids. */
export async function readMonitors(
  app: FastifyInstance,
  ownerId: string,
  { id, topic, after, limit }: MonitorFilter = {},
): Promise<MonitorWithState[]> {
  const { prisma } = app.database;
  const rows = await prisma.monitor.findMany({
    where: {
      ownerId,
      id: { ...(id === undefined ? {} : { equals: id }), ...(after === undefined ? {} : { gt: after }) },
      ...(topic === undefined ? {} : { topic }),
    },
    orderBy: { id: 'asc' },
    ...(limit === undefined ? {} : { take: limit }),
  });
  const states = await readStates(
    app,
    rows.map((row) => row.id),
  );
  return rows.flatMap((row) => {
    const state = states.get(row.id);
    // Deleted in between.
    return state === undefined ? [] : [{ ...recordOf(app.keyring, row), ...state }];
  });
}

/** How monitors do at this moment, by their ids. */
export async function readStates(
  { database }: FastifyInstance,
  ids: number[],
): Promise<Map<number, MonitorState>> {
  if (ids.length === 0) return new Map();
  const { rows } = await database.pool.query<StateRow & { id: number }>({
    name: 'monitor-states',
    text: `SELECT m.id, ${STATE} FROM ${STATE_TABLES} WHERE m.id = ANY ($1::int[])`,
    values: [ids],
  });
  return new Map(rows.map((row) => [row.id, stateOf(row)]));
}

/** One monitor with everything that is shown of it. @throws notFound */
export async function loadMonitor(app: FastifyInstance, { id, ownerId }: MonitorRecord): Promise<Monitor> {
  const [monitor] = await readMonitors(app, ownerId, { id });
  if (monitor === undefined) throw notFound('This monitor');
  const [lag, customerId] = await Promise.all([
    lagOf(app, monitor),
    app.monitors.resources.customerId(ownerId),
  ]);
  return presentMonitor(monitor, lag, customerId);
}
