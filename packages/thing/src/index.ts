export type { OpenOptions, ThingConfig } from './config.js';
export { ThingError, type ThingErrorCode } from './errors.js';
export type { ReceivedMessage } from './store.js';
export { type CollectOptions, type ListOptions, Thing, type ThingEvents } from './thing.js';
