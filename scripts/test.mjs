// `npm test`: installs what it needs, then unit and integration tests (real PostgreSQL, broker, processes, provider),
// then the browser tests. `npm test -- --unit` or `--browser` runs one half.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { build, checkNode, installPackages, ROOT, run } from './lib/setup.mjs';

const only = process.argv.slice(2).find((argument) => argument === '--unit' || argument === '--browser');

checkNode();
installPackages();
installPrograms();
build();

const bin = (name) => join(ROOT, 'node_modules/.bin', name);
if (only !== '--browser')
  run(bin('vitest'), ['run'], { message: 'Tests failed; the lines above say which.' });
if (only !== '--unit')
  run(join(ROOT, 'e2e/node_modules/.bin/playwright'), ['test', '--config', 'e2e/playwright.config.ts'], {
    message: 'Browser tests failed; the lines above say which.',
  });

/** Programs of the system that tests run against. As root on Debian they are installed; else it is said what is missing. */
function installPrograms() {
  const wanted = {
    chromium: 'chromium',
    bwrap: 'bubblewrap',
    pasta: 'passt',
    mosquitto: 'mosquitto',
    mosquitto_pub: 'mosquitto-clients',
    git: 'git',
    curl: 'curl',
    jq: 'jq',
    unzip: 'unzip',
    python3: 'python3',
  };
  const packages = Object.entries(wanted)
    .filter(([program]) => !has(program))
    .map(([, name]) => name);
  if (!hasOutsidePostgres()) packages.push('postgresql');
  if (!hasPaho()) packages.push('python3-paho-mqtt');
  if (packages.length === 0) return;
  if (process.getuid?.() === 0 && has('apt-get')) {
    process.stdout.write(`Installing ${packages.join(', ')} …\n`);
    const quiet = {
      stdio: ['ignore', 'ignore', 'inherit'],
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    };
    spawnSync('apt-get', ['update', '-qq'], quiet);
    const { status } = spawnSync(
      'apt-get',
      ['install', '-y', '-qq', '--no-install-recommends', ...packages],
      quiet,
    );
    if (status === 0) return;
  }
  process.stderr.write(
    `\nMissing: ${packages.join(', ')}. Tests that need them are skipped. On Debian: apt install ${packages.join(' ')}\n\n`,
  );
}

function has(program) {
  return (process.env.PATH ?? '')
    .split(':')
    .concat('/usr/sbin')
    .some((folder) => existsSync(join(folder, program)));
}

/** Python node servers speak MQTT with it; another Python first in the PATH may lack what Debian's has. */
function hasPaho() {
  return ['python3', '/usr/bin/python3'].some(
    (python) => spawnSync(python, ['-c', 'import paho.mqtt.client'], { stdio: 'ignore' }).status === 0,
  );
}

/** Debian keeps the server's programs by version. */
function hasOutsidePostgres() {
  return spawnSync('sh', ['-c', 'ls /usr/lib/postgresql/*/bin/postgres'], { stdio: 'ignore' }).status === 0;
}
