import { EventEmitter } from 'node:events';
import type { LogLevel } from '@polyrelay/contract';

/** A line of a worker's log as it says it itself; `at` is undefined where the record does not say. */
export interface LogRecord {
  level: LogLevel;
  text: string;
  at: Date | undefined;
}

/** Passing facts that are not in the event log: nothing is lost when a listener misses one. */
export interface NodeServerSignals {
  /** Something to show in the worker's log, such as a message that was refused. */
  diagnostic: [{ nodeServerId: string; level: LogLevel; text: string }];
  /** Lines of its log that the worker sent over MQTT; `isPrinted`: most likely they are in its output as well. */
  logRecords: [{ nodeServerId: string; records: LogRecord[]; isPrinted: boolean }];
  /** The worker asked to be restarted. */
  restartRequested: [{ nodeServerId: string }];
  /** The connection of a worker came or went (the fact itself is in the event log). */
  connection: [{ nodeServerId: string; worker: string; connected: boolean }];
  /** A worker says that it takes webhooks; or it has just connected, and has not said so yet. */
  webhooks: [{ nodeServerId: string; worker: string; taken: boolean }];
  /** A worker answers a webhook; nothing but the id is checked. */
  webhookResponse: [
    { nodeServerId: string; worker: string; response: { id: string; [key: string]: unknown } },
  ];
}

export class Signals extends EventEmitter<NodeServerSignals> {}
