// `npm start`: installs, builds, starts the service. `npm start -- --demo` adds a provider and a node server to try.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { build, checkNode, installPackages, ROOT } from './lib/setup.mjs';

checkNode();
installPackages();
build();

const demo = process.argv.includes('--demo');
const entry = demo ? join(ROOT, 'scripts/demo.mjs') : join(ROOT, 'apps/server/dist/main.js');
const service = spawn(process.execPath, ['--enable-source-maps', entry], { stdio: 'inherit' });

// A Ctrl-C reaches the service by itself; a signal to this process is passed on.
for (const signal of ['SIGINT', 'SIGTERM'])
  process.on(signal, () => signal === 'SIGTERM' && service.kill(signal));
service.on('exit', (code, signal) => process.exit(signal === null ? (code ?? 1) : 1));
