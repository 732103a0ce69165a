import type { WorkerMessage } from '@polyrelay/contract';
import type { FastifyInstance } from 'fastify';
import type { NodeServerRefs } from './refs.js';
import type { Signals } from './signals.js';
import type { UpdateWriter } from './updates/writer.js';

/** What goes to workers, in whatever dialect they speak. */
export interface WorkerLink {
  /** Hands a message over; false when the worker is not connected now. */
  send(to: { id: string; worker: string }, message: WorkerMessage): Promise<boolean>;
  /** The worker needs its record again, soon; `urgent`: at once, because it builds its next request from it. */
  configNeeded(to: { id: string; worker: string }, urgent?: boolean): void;
}

/** What the commands of this module work with. */
export interface Context {
  app: FastifyInstance;
  refs: NodeServerRefs;
  signals: Signals;
  writer: UpdateWriter;
  link: WorkerLink;
  /** Run while a node server is being deleted: ends its process, removes its files. */
  deleteHooks: DeleteHook[];
}

/** @param nodeServer `patienceMs`: how long its worker, which knows already, may take to clean up */
export type DeleteHook = (nodeServer: { id: string; worker: string; patienceMs: number }) => Promise<void>;
