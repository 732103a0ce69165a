import type { MonitorStatus } from '@polyrelay/contract';
import { DEAD_AFTER_S } from './delivery/store.js';
import type { Place } from './types.js';

/**
 * How a monitor does, as SQL over `monitors m`, `monitor_progress p` and `monitor_sessions s`. A polling one is read
 * whenever its reader likes. An HTTP one is active when its server took something since it was last changed. A session that began before the last change is about
 * to end.
 */
export const STATUS = `CASE
  WHEN m.transport_type = 'polling' THEN 'ACTIVE'
  WHEN m.transport_type = 'http' THEN CASE
    WHEN p.disabled THEN 'DISABLED'
    WHEN p.failing_since IS NULL AND p.last_sent >= m.changed_at THEN 'ACTIVE'
    ELSE 'CONNECTING' END
  WHEN s.seen_at > now() - interval '${DEAD_AFTER_S} seconds' AND s.connected_at >= m.changed_at THEN 'ACTIVE'
  WHEN m.ack_option = 'explicit' OR m.auto_replay_on_connect THEN 'SUSPENDED'
  ELSE 'INACTIVE' END`;

/** The tables that {@link STATUS} and {@link STATE} are over. */
export const STATE_TABLES = `monitors m JOIN monitor_progress p ON p.monitor_id = m.id
  LEFT JOIN monitor_sessions s ON s.monitor_id = m.id`;

/** What moves of a monitor, as columns of {@link StateRow}. */
export const STATE = `${STATUS} AS status, p.failing_since, p.failure, p.disabled, p.place, p.last_connect, p.last_sent,
  p.sent_events, p.sent_blocks, p.sent_bytes, p.rate, s.peer`;

export interface StateRow {
  status: MonitorStatus;
  failing_since: Date | null;
  failure: string | null;
  disabled: boolean;
  place: string;
  last_connect: Date | null;
  last_sent: Date | null;
  sent_events: string;
  sent_blocks: string;
  sent_bytes: string;
  rate: number;
  peer: string | null;
}

/** How a monitor does at this moment. */
export interface MonitorState {
  status: MonitorStatus;
  /** Why an HTTP monitor does not get through, in words. */
  statusReason: string | null;
  /** All up to here is delivered. */
  place: Place;
  lastConnect: Date | null;
  lastSent: Date | null;
  sentEvents: number;
  sentBlocks: number;
  sentBytes: number;
  /** Events a second over the last minute. */
  rate: number;
  /** Address of the client that is connected. */
  peer: string | null;
}

/** A rate is of the last minute: of one that sent nothing since it is nothing. */
const RATE_MS = 60_000;

export function stateOf(row: StateRow): MonitorState {
  const { status, last_sent: lastSent } = row;
  const failing = row.disabled || row.failing_since !== null;
  const fresh = lastSent !== null && Date.now() - lastSent.getTime() < RATE_MS;
  return {
    status,
    statusReason: failing ? row.failure : null,
    place: Number(row.place),
    lastConnect: row.last_connect,
    lastSent,
    sentEvents: Number(row.sent_events),
    sentBlocks: Number(row.sent_blocks),
    sentBytes: Number(row.sent_bytes),
    rate: fresh ? row.rate : 0,
    peer: status === 'ACTIVE' ? row.peer : null,
  };
}
