export { readMessagesOf } from './block.js';
export type { DeviceSource } from './drafts.js';
export { formatOf } from './payload.js';
export { Resources } from './resources.js';
export type { PayloadFormat, ReadOptions, ReadPart } from './types.js';
