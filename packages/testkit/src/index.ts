export * from './mutual-tls-broker.js';
export * from './python-worker.js';
export * from './running.js';
export * from './service-peer.js';
export type { Requests } from './service-record.js';
export * from './simulated-worker.js';
export * from './test-authority.js';
export * from './vectors.js';
