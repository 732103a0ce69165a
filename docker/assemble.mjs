// Makes the folder that the image runs: `node docker/assemble.mjs /opt/polyrelay`. Installs and builds as `npm start`
// does, then takes what the service needs at run time alone.
import { cpSync, existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { build, checkNode, fail, installPackages, pnpm, ROOT } from '../scripts/lib/setup.mjs';

const [folder] = process.argv.slice(2);
if (folder === undefined) fail('Say where to: node docker/assemble.mjs <folder>');
const out = resolve(folder);
if (existsSync(out) && readdirSync(out).length > 0) fail(`${out} is not empty.`);

checkNode();
installPackages();
build();

// The same layout as the checkout: the service finds its dashboard and its migrations from where it lies.
const server = join(out, 'apps/server');
mkdirSync(join(out, 'apps'), { recursive: true });
pnpm(['--filter', '@polyrelay/server', 'deploy', '--prod', server], {
  message: 'The packages of the service could not be put together; the lines above say why.',
});
for (const path of [
  'apps/dashboard/dist',
  'prisma',
  'catalogue',
  'LICENSE',
  'docker/broker-certificate.mjs',
  // What the service hands on: to Python node servers, things, readers of channels, and applications.
  'packages/pgc-interface-python/dist',
  'packages/thing/dist/thing.mjs',
  'packages/receiver/dist/receiver.mjs',
  'packages/push-client/dist/push-client.mjs',
  'packages/thing-python/flashlexiot',
])
  cpSync(join(ROOT, path), join(out, path), {
    recursive: true,
    filter: (source) => !source.includes('__pycache__'),
  });

// Sources, and the query compilers of databases that are not PostgreSQL: 60 MB.
for (const name of ['src', '.turbo', 'tsconfig.json', 'tsconfig.test.json'])
  rmSync(join(server, name), { recursive: true, force: true });
for (const runtime of runtimesOfPrisma())
  for (const name of readdirSync(runtime))
    if (/^query_compiler_(?:small|fast_bg\.(?!postgresql))/.test(name)) rmSync(join(runtime, name));

function runtimesOfPrisma() {
  const packages = join(server, 'node_modules/.pnpm');
  return readdirSync(packages)
    .map((name) => join(packages, name, 'node_modules/@prisma/client/runtime'))
    .filter((path) => existsSync(path));
}
