export * from './provider/index.js';
export * from './thermostat-folder.js';
