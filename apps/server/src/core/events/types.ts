import type { Event, Operation } from '@polyrelay/contract';

/** A fact to be recorded: what happened to what, and whose it is (null: of the service itself). */
export interface NewEvent {
  topic: string;
  operation: Operation;
  ownerId: string | null;
  payload?: Record<string, unknown>;
  group?: string;
}

/** A recorded fact. `id` is the place in the log as a number: the log is far from 2^53 rows. */
export interface RecordedEvent extends Omit<Event, 'id' | 'at'> {
  id: number;
  at: Date;
  ownerId: string | null;
}

export type EventListener = (event: RecordedEvent) => void | Promise<void>;

/** Collects facts inside a transaction; they are written as its last statement. */
export type Recorder = (event: NewEvent) => void;
