// Set-up that `npm start` and `npm test` share: packages and build, each only when something changed.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../../', import.meta.url));

const STAMPS = join(ROOT, 'node_modules', '.polyrelay');
const LEAST_NODE = [20, 19];

/** Ends with a message for people, not a stack trace. */
export function fail(message) {
  process.stderr.write(`\n${message}\n\n`);
  process.exit(1);
}

/** Runs a command in the checkout, its output shown; ends with `message` when it fails. */
export function run(command, args, { message, env } = {}) {
  const { status, error } = spawnSync(command, args, {
    cwd: ROOT,
    stdio: 'inherit',
    env: { ...process.env, ...env },
    shell: process.platform === 'win32',
  });
  if (error !== undefined || status !== 0)
    fail(message ?? `“${command} ${args.join(' ')}” failed (${error?.message ?? `code ${status}`}).`);
}

export function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > LEAST_NODE[0] || (major === LEAST_NODE[0] && minor >= LEAST_NODE[1])) return;
  fail(
    `Polyrelay needs Node.js ${LEAST_NODE.join('.')} or newer; this is ${process.versions.node}. Get it from https://nodejs.org.`,
  );
}

/** pnpm of the version that package.json names, through npx, which every Node.js has. */
export function pnpm(args, options) {
  const { packageManager } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  run('npx', ['--yes', packageManager, ...args], options);
}

/** Runs a turbo task over the workspace: through pnpm, because turbo looks for it on the PATH. */
export function turbo(task, message) {
  pnpm(['exec', 'turbo', 'run', task, '--output-logs=errors-only'], {
    message,
    env: { TURBO_TELEMETRY_DISABLED: '1', DO_NOT_TRACK: '1' },
  });
}

/** Installs packages when the lockfile is not the installed one. */
export function installPackages() {
  once('installed', [join(ROOT, 'pnpm-lock.yaml'), join(ROOT, 'pnpm-workspace.yaml')], () => {
    process.stdout.write('Installing packages …\n');
    pnpm(['install', '--frozen-lockfile', '--reporter=append-only', '--loglevel=warn'], {
      message:
        'The packages could not be installed. Check the network connection to the npm registry and try again.',
    });
  });
}

/** Generates the database client and builds everything when a source changed. */
export function build() {
  const sources = ['apps', 'packages', 'prisma'].map((folder) => join(ROOT, folder));
  once('built', [...sources, join(ROOT, 'pnpm-lock.yaml'), join(ROOT, 'tsconfig.base.json')], () => {
    process.stdout.write('Building …\n');
    turbo('build', 'The build failed; the lines above say why.');
  });
}

/** Does `work` unless it was done for the same files before. */
function once(name, paths, work) {
  const stamp = join(STAMPS, name);
  const now = fingerprint(paths);
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === now) return;
  work();
  mkdirSync(STAMPS, { recursive: true });
  writeFileSync(stamp, fingerprint(paths));
}

const SKIPPED = new Set(['node_modules', 'dist', 'generated', '.turbo', '__pycache__']);

/** Names, sizes and times of files, below folders too: enough to see a change, in milliseconds. */
function fingerprint(paths) {
  const hash = createHash('sha256');
  const visit = (path) => {
    const { size, mtimeMs } = statSync(path);
    if (!statSync(path).isDirectory()) {
      hash.update(`${path} ${size} ${mtimeMs}\n`);
      return;
    }
    for (const name of readdirSync(path).sort()) if (!SKIPPED.has(name)) visit(join(path, name));
  };
  for (const path of paths) visit(path);
  return hash.digest('hex');
}
