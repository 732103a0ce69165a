/** The demo node server: `node thermostat.mjs`, started by the service or with a PGURL. */
import { NodeServer } from '@polyrelay/node-server';
import { ClimateController } from './climate-controller.js';

try {
  await new NodeServer(new ClimateController()).start();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
}
