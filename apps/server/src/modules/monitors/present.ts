import type { Monitor, MonitorBlock, MonitorLag, MonitorSummary } from '@polyrelay/contract';
import type { MonitorBlock as BlockRow } from '#generated/prisma/client.js';
import type { MonitorWithState } from './read.js';

type Shown = Pick<
  MonitorWithState,
  | 'id'
  | 'ownerId'
  | 'topic'
  | 'description'
  | 'transportType'
  | 'formatType'
  | 'status'
  | 'statusReason'
  | 'lastConnect'
  | 'lastSent'
  | 'sentEvents'
  | 'sentBlocks'
  | 'sentBytes'
  | 'rate'
  | 'createdAt'
>;

export function presentSummary(monitor: Shown, lag: MonitorLag = { events: 0, more: false }): MonitorSummary {
  const { id, ownerId, topic, description, transportType, formatType, status, statusReason } = monitor;
  const { lastConnect, lastSent, sentEvents, sentBlocks, sentBytes, rate, createdAt } = monitor;
  return {
    ...{ id, ownerId, topic, description, transportType, formatType, status, statusReason },
    lastConnect: lastConnect?.toISOString() ?? null,
    lastSent: lastSent?.toISOString() ?? null,
    ...{ sentEvents, sentBlocks, sentBytes, rate, lag },
    createdAt: createdAt.toISOString(),
  };
}

export function presentMonitor(monitor: MonitorWithState, lag: MonitorLag, customerId: number): Monitor {
  const { transportToken, place: _place, signingSecret, peer, ...settings } = monitor;
  return {
    ...settings,
    ...presentSummary(monitor, lag),
    hasTransportToken: transportToken !== null,
    signingSecret: monitor.transportType === 'http' ? signingSecret : null,
    peer,
    customerId,
  };
}

export const presentBlock = (row: BlockRow): MonitorBlock => ({
  seq: Number(row.seq),
  blockId: row.blockId,
  events: row.events,
  bytes: row.bytes,
  state: row.state as MonitorBlock['state'],
  attempts: row.attempts,
  error: row.error,
  sentAt: row.sentAt.toISOString(),
  deliveredAt: row.deliveredAt?.toISOString() ?? null,
});
