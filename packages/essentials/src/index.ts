export * from './backoff.js';
export * from './failures.js';
export * from './files.js';
export * from './lock.js';
export * from './main.js';
