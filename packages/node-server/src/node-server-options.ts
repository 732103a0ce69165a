import type { NodeServerRecord } from '@polyrelay/contract';
import type { BackoffOptions } from './backoff.js';
import type { Logger } from './log.js';
import type { Node } from './node.js';

export interface NodeServerOptions {
  log?: Logger;
  /** `auto` (default): upload the profile when `profile_version` of server.json is a new one. */
  profile?: 'auto' | 'manual';
  /** Stop politely on SIGTERM and SIGINT (default). */
  signals?: boolean;
  /** What ends the process after `stop` and `delete` (default `process.exit`). */
  exit?: (code: number) => void;
  /** Milliseconds in which updates are collected before they are sent (default 5). */
  batchWindowMs?: number;
  /** Milliseconds the service may take to answer `addNode` (default 30,000). */
  addNodeTimeoutMs?: number;
  /** Waiting times between attempts to connect. */
  backoff?: BackoffOptions;
}

export interface NodeServerEvents {
  /** A new record arrived. */
  config: [Readonly<NodeServerRecord>];
  /** Connected and subscribed; `again` after an interruption. */
  connected: [again: boolean];
  disconnected: [];
  /** The URL at which `onWebhook` is reached: at the start, and when the user renewed it. */
  webhookUrl: [url: string];
  nodeAdded: [Node];
  /** Removed here or by the user. */
  nodeRemoved: [address: string];
}
