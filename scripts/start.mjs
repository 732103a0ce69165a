// `npm start`: installs, builds, starts the service. `npm start -- --demo` adds a provider and a node server to try;
// other arguments are the service's own: `npm start -- --restore <file>`.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { SERVICE_ENVIRONMENT, serviceArguments } from './lib/service.mjs';
import { build, checkNode, installPackages, ROOT } from './lib/setup.mjs';

checkNode();
installPackages();
build();

const given = process.argv.slice(2);
const started = given.includes('--demo')
  ? [join(ROOT, 'scripts/demo.mjs')]
  : [...serviceArguments(), ...given];
const service = spawn(process.execPath, started, {
  stdio: 'inherit',
  env: { ...SERVICE_ENVIRONMENT, ...process.env },
});

// A Ctrl-C reaches the service by itself; a signal to this process is passed on.
for (const signal of ['SIGINT', 'SIGTERM'])
  process.on(signal, () => signal === 'SIGTERM' && service.kill(signal));
service.on('exit', (code, signal) => process.exit(signal === null ? (code ?? 1) : 1));
