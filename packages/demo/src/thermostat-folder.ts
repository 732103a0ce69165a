import { fileURLToPath } from 'node:url';

/**
 * The folder of the demo node server: `server.json`, profile and one self-contained script, made by
 * `pnpm build`. Register it as a folder source; it runs with plain `node`, nothing to install.
 */
export const thermostatFolder = (): string => fileURLToPath(new URL('../dist/thermostat', import.meta.url));
