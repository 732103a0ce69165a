import type { PoolClient } from 'pg';
import type { Logger } from 'pino';
import type { Database } from '#core/database/database.js';
import type { EventListener, RecordedEvent, Recorder } from './types.js';

/** Events for one call of `work`, oldest first, none of them given before in a transaction that was committed. */
export interface FollowedEvents {
  events: RecordedEvent[];
  /**
   * They do not follow those of this process's last call: it is the first one, or another replica worked meanwhile.
   * What `work` remembers of earlier events is out of date.
   */
  resumed: boolean;
}

/** What a follower does with the log. */
export interface FollowOptions {
  /** Of its cursor: all replicas that follow under one name share the work. */
  name: string;
  /** Topics it is given, with MQTT’s wildcards. */
  filters: string[];
  /**
   * Handles events, in one transaction with the move of the cursor: what it changes with `client`, and records, happens
   * exactly once. It is called again for the same events after a failure or a deadlock, so it keeps nothing in memory
   * that a rollback must undo.
   * @returns false when it changed nothing: then nothing is written, and it may be given the events again after a crash
   */
  work(client: PoolClient, given: FollowedEvents, record: Recorder): Promise<boolean>;
  /**
   * Asked at the start, at `Follower.reconsider` and each minute: events up to this id need not be read;
   * undefined: none at all at present, the log is not read. Without it every event does.
   */
  interest?(): Promise<number | undefined>;
  /** How heavy an event is; those of one transaction weigh 1,000 at the most. 1 each when left out. */
  weigh?(event: RecordedEvent): number;
  /** Told of an event that was given up after many tries; it is logged, too. */
  onSkipped?(event: RecordedEvent): void;
  /** The pause after a first failure, in ms; each further one is twice as long. */
  firstPauseMs?: number;
}

/** What a follower needs of the log. */
export interface FollowedLog {
  database: Database;
  log: Logger;
  on(filter: string, listener: EventListener): () => void;
  sql<T>(work: (client: PoolClient, record: Recorder) => Promise<T>): Promise<T>;
}
