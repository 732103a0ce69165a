/** Node servers in TypeScript: see README.md for a whole one in forty lines. */
export type { NodeServerRecord, RecordNode, ServerJson } from '@polyrelay/contract';
export type { BackoffOptions } from './backoff.js';
export type { ConnectionOptions } from './connection.js';
export { Controller } from './controller.js';
export type { KeyedDocument } from './documents.js';
export type {
  DriverDeclaration,
  DriverDeclarations,
  DriverState,
  DriverValue,
  SetDriverOptions,
} from './drivers.js';
export { NodeServerError, type NodeServerErrorCode, OAuthError } from './errors.js';
export { Logger, type LogLevel, type LogRecord } from './log.js';
export { type Command, type Commands, Node, type NodeOptions } from './node.js';
export { NodeServer } from './node-server.js';
export type { NodeServerEvents, NodeServerOptions } from './node-server-options.js';
export { escapeHtml, type Notices } from './notices.js';
export type { ExchangeOptions, OAuth, OAuthCallback, RefreshOptions } from './oauth.js';
export type { PollSettings } from './polls.js';
export type { Profile } from './profile.js';
export { isExpired, type Tokens } from './tokens.js';
export type { WebhookAnswer, WebhookHandler, WebhookRequest } from './webhooks.js';
