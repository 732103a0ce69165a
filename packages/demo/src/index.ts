export * from './greenhouse/set-up.js';
export * from './greenhouse/set-up-channel.js';
export * from './greenhouse/set-up-monitors.js';
export * from './greenhouse/start.js';
export * from './provider/index.js';
export * from './thermostat-folder.js';
