// `npm start -- --demo`: the service with a pretend cloud service (a real OAuth provider), a node server for it, a thing
// that measures and listens, a channel that takes its measurements, and monitors that push them, so that all of it can
// be clicked through in a minute. Its data are apart, in `data-demo`.
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { SERVICE_ENVIRONMENT, serviceArguments } from './lib/service.mjs';

const { setUpChannel, setUpGreenhouse, setUpMonitors, startDemoProvider, startGreenhouse, thermostatFolder } =
  await import('../packages/demo/dist/index.js');

const dataDir = resolve(process.env.DATA_DIR ?? 'data-demo');
const port = process.env.PORT ?? '8080';
const url = (process.env.PUBLIC_URL ?? `http://localhost:${port}`).replace(/\/+$/, '');
const providerPort = Number(process.env.DEMO_PROVIDER_PORT ?? 9410);
const email = 'demo@example.org';

mkdirSync(dataDir, { recursive: true });
/** The same at every start: made on the first one. */
const kept = (name) => {
  const path = join(dataDir, name);
  if (!existsSync(path)) writeFileSync(path, randomBytes(9).toString('base64url'), { mode: 0o600 });
  return readFileSync(path, 'utf8').trim();
};
const password = kept('demo-password');
const client = { clientId: 'polyrelay-demo', clientSecret: kept('demo-client-secret') };

const provider = await startDemoProvider({
  ...client,
  port: providerPort,
  redirectUris: [`${url}/api/oauth/callback`],
  file: join(dataDir, 'demo-provider.json'),
}).catch((error) => {
  process.stderr.write(
    `\nThe demo provider cannot listen on port ${providerPort} (${error.message}). Set DEMO_PROVIDER_PORT to a free port.\n\n`,
  );
  process.exit(1);
});

const service = spawn(process.execPath, serviceArguments(), {
  stdio: 'inherit',
  env: {
    ...SERVICE_ENVIRONMENT,
    ...process.env,
    DATA_DIR: dataDir,
    PORT: port,
    ADMIN_EMAIL: email,
    ADMIN_PASSWORD: password,
    LOG_LEVEL: process.env.LOG_LEVEL ?? 'warn',
  },
});
let greenhouse;
for (const signal of ['SIGINT', 'SIGTERM'])
  process.on(signal, () => {
    // Before the broker goes, which it would complain about.
    greenhouse?.close();
    if (signal === 'SIGTERM') service.kill(signal);
  });
service.on('exit', async (code) => {
  await Promise.all([provider.close(), greenhouse?.close()]);
  process.exit(code ?? 1);
});

await ready();
const call = await signIn();
// Before what they watch: rules and monitors take what happens from then on. Without them the rest goes on, too.
await unlessItFails('monitors', () => setUpMonitors(call));
await addThermostat();
await unlessItFails('channel', () => setUpChannel(call));
await addGreenhouse();
process.stdout.write(`
  A demo is set up:
    Dashboard    ${url}
    Sign in as   ${email}
    Password     ${password}

  Node servers: open “Demo Climate”, click the sign-in link in its notice, enter any name, allow — and watch the
  thermostats appear.
  Things: “greenhouse” sends its temperature every 5 s. Send it {"set": 28} on its page, and watch it get warm.
  Channels: “greenhouse” takes all of that by rules. Watch its live tail under Messages; “Use it” has commands to read it.
  Monitors: the readings wait to be pushed. Paste the first command of “Use it” into a terminal, and see them come.
  Ctrl-C stops everything; the data stay in ${dataDir}.

`);

async function ready() {
  while (service.exitCode === null) {
    const answer = await fetch(`http://127.0.0.1:${port}/api/health`).catch(() => undefined);
    if (answer?.ok) return;
    await delay(100);
  }
}

/** @returns what calls the API as the demo's user, and throws what it refuses */
async function signIn() {
  const callWith = (more) => async (method, path, body) => {
    const headers = { origin: url, ...more, ...(body ? { 'content-type': 'application/json' } : {}) };
    const answer = await fetch(`http://127.0.0.1:${port}${path}`, {
      method,
      headers,
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    if (!answer.ok) throw new Error(`${method} ${path}: ${await answer.text()}`);
    return answer;
  };
  const signedIn = await callWith({})('POST', '/api/session', { email, password });
  return callWith({ cookie: signedIn.headers.get('set-cookie').split(';')[0] });
}

async function addThermostat() {
  const { items } = await (await call('GET', '/api/node-servers')).json();
  if (items.length > 0) return;
  const folder = thermostatFolder();
  await call('POST', '/api/node-servers', {
    serverJson: JSON.parse(readFileSync(join(folder, 'server.json'), 'utf8')),
    source: { folder },
    oauth: { url: provider.authorizationUrl, ...client },
  });
}

async function unlessItFails(what, setUp) {
  try {
    await setUp();
  } catch (error) {
    process.stderr.write(`\nSet-up of the ${what} failed: ${error.message}\n`);
  }
}

/** A thing that does not come is told; the rest of the demo goes on. */
async function addGreenhouse() {
  try {
    greenhouse = startGreenhouse(await setUpGreenhouse(call, join(dataDir, 'demo-things')));
  } catch (error) {
    process.stderr.write(`\n${error.message}\n`);
  }
}
