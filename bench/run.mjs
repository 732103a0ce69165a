// `npm run bench`: every figure, each against its baseline in the same run. Ends with 1 when a goal is missed.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { build, installPackages } from '../scripts/lib/setup.mjs';

installPackages();
build();
let missed = 0;
const NAMES = [
  'relay',
  'status',
  'latency',
  'footprint',
  'logs',
  'workers',
  'things',
  'collect',
  'archive',
  'channels',
  'rules',
  'push',
];
for (const name of NAMES) {
  const path = fileURLToPath(new URL(`${name}.mjs`, import.meta.url));
  missed += spawnSync(process.execPath, [path], { stdio: 'inherit' }).status === 0 ? 0 : 1;
}
process.exit(missed === 0 ? 0 : 1);
