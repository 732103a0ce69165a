// `npm start -- --demo`: the service with a pretend cloud service (a real OAuth provider) and a node server for it,
// so that the whole relay can be clicked through in a minute. Its data are apart, in `data-demo`.
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { SERVICE_ENVIRONMENT, serviceArguments } from './lib/service.mjs';

const { startDemoProvider, thermostatFolder } = await import('../packages/demo/dist/index.js');

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
for (const signal of ['SIGINT', 'SIGTERM'])
  process.on(signal, () => signal === 'SIGTERM' && service.kill(signal));
service.on('exit', (code) => provider.close().then(() => process.exit(code ?? 1)));

await ready();
await addThermostat();
process.stdout.write(`
  A demo is set up:
    Dashboard    ${url}
    Sign in as   ${email}
    Password     ${password}

  Open “Demo Climate”, click the sign-in link in its notice, enter any name, allow — and watch the
  thermostats appear. Ctrl-C stops everything; the data stay in ${dataDir}.

`);

async function ready() {
  while (service.exitCode === null) {
    const answer = await fetch(`http://127.0.0.1:${port}/api/health`).catch(() => undefined);
    if (answer?.ok) return;
    await delay(100);
  }
}

async function addThermostat() {
  const call = async (method, path, cookie, body) => {
    const headers = {
      origin: url,
      ...(cookie ? { cookie } : {}),
      ...(body ? { 'content-type': 'application/json' } : {}),
    };
    const answer = await fetch(`http://127.0.0.1:${port}${path}`, {
      method,
      headers,
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    if (!answer.ok) throw new Error(`${method} ${path}: ${await answer.text()}`);
    return answer;
  };
  const signedIn = await call('POST', '/api/session', undefined, { email, password });
  const cookie = signedIn.headers.get('set-cookie').split(';')[0];
  const { items } = await (await call('GET', '/api/node-servers', cookie)).json();
  if (items.length > 0) return;
  const folder = thermostatFolder();
  await call('POST', '/api/node-servers', cookie, {
    serverJson: JSON.parse(readFileSync(join(folder, 'server.json'), 'utf8')),
    source: { folder },
    oauth: { url: provider.authorizationUrl, ...client },
  });
}
