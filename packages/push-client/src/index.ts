export type { Block } from './block.js';
export { type FetchedCa, fetchCa } from './ca.js';
export { type EventsOptions, PushClient } from './client.js';
export type { Message } from './document.js';
export { PushError, type PushErrorCode } from './errors.js';
export type { Monitor, MonitorSettings } from './monitor.js';
export type { BlockCallback, PushSession, SessionEvents } from './session.js';
export type { PushClientOptions } from './settings.js';
