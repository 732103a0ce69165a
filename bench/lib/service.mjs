// A real service in a process of its own, on free ports, with an embedded database in a folder that goes afterwards.
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SERVICE_ENVIRONMENT, serviceArguments } from '../../scripts/lib/service.mjs';

const ADMIN = { email: 'bench@example.org', password: 'bench bench bench' };

/** Starts the service; resolves when it is ready, with the time that took in ms. */
export async function startService({ dataDir, env = {}, nodeArguments = [] } = {}) {
  const folder = dataDir ?? (await mkdtemp(join(tmpdir(), 'pr-bench-')));
  const begun = performance.now();
  const child = spawn(process.execPath, serviceArguments(nodeArguments), {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      ...SERVICE_ENVIRONMENT,
      PATH: process.env.PATH,
      PORT: '0',
      HOST: '127.0.0.1',
      MQTT_PORT: '0',
      PUSH_PORT: '0',
      PUSH_TLS_PORT: '0',
      DATA_DIR: folder,
      ADMIN_EMAIL: ADMIN.email,
      ADMIN_PASSWORD: ADMIN.password,
      ...env,
    },
  });
  let output = '';
  const url = await new Promise((resolve, reject) => {
    child.stdout.setEncoding('utf8').on('data', (text) => {
      output += text;
      const ready = /ready at (http:\/\/[^\s"]+)/.exec(output)?.[1];
      if (ready !== undefined) resolve(ready.replace('localhost', '127.0.0.1'));
    });
    child.once('exit', (code) => reject(new Error(`the service ended with code ${code}: ${output}`)));
  });
  const readyMs = performance.now() - begun;
  const { cookie, call } = await signIn(url);
  const health = await (await fetch(`${url}/api/health`)).json();
  const mqttPort = Number(/port (\d+)/.exec(health.broker.detail)?.[1]);
  const push = /push monitors on port (\d+) \(TLS\), and (\d+)/.exec(output) ?? [];
  return {
    url,
    cookie,
    call,
    mqttPort,
    pushTlsPort: Number(push[1]),
    pushPort: Number(push[2]),
    readyMs,
    dataDir: folder,
    pid: child.pid,
    socket: join(folder, 'run'),
    /** Ends it; keeps the folder when it was given. */
    async stop() {
      child.removeAllListeners('exit');
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGTERM');
      await ended;
      if (dataDir === undefined) await rm(folder, { recursive: true, force: true });
    },
  };
}

async function signIn(url) {
  const request = (method, path, body, headers) =>
    fetch(url + path, {
      method,
      redirect: 'manual',
      headers: {
        origin: url,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  const answer = await request('POST', '/api/session', ADMIN);
  const cookie = answer.headers.get('set-cookie').split(';')[0];
  const call = async (method, path, body) => {
    const response = await request(method, path, body, { cookie });
    const text = await response.text();
    if (response.status >= 400) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return response.status === 302 ? response.headers.get('location') : text === '' ? null : JSON.parse(text);
  };
  return { cookie, call };
}

let controllers = 0;

/** Registers `count` node servers whose workers the bench plays: 25 a controller. */
export async function registerMany(service, count, extra = {}) {
  const all = [];
  let controllerId;
  for (let i = 0; i < count; i++) {
    if (i % 25 === 0)
      controllerId = (await service.call('POST', '/api/controllers', { name: `Bench ${++controllers}` })).id;
    const serverJson = {
      name: `Bench ${i}`,
      type: 'node',
      executable: 'bench.js',
      shortPoll: 60,
      longPoll: 600,
    };
    all.push(
      await service.call('POST', '/api/node-servers', {
        serverJson,
        runtime: 'local',
        controllerId,
        ...extra,
      }),
    );
  }
  return all;
}
