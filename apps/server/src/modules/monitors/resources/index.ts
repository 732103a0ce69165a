export { connectwareIdOf, type DeviceSource, idOfConnectware } from './drafts.js';
export { Resources } from './resources.js';
export type { PayloadFormat, ReadOptions, ReadPart } from './types.js';
export { escapeXml, xmlElement } from './xml.js';
