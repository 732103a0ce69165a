// Relay: from the callback's request to the message at the worker, against a bare node http server that publishes to a
// bare aedes over plain TCP, each in a process of its own. Both get the same requests, in turn, at the same pace.
import { spawn } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { simulatedWorker } from '@polyrelay/testkit';
import mqtt from 'mqtt';
import { ms, quantile, report } from './lib/figures.mjs';
import { registerMany, startService } from './lib/service.mjs';

const REQUESTS = 600;
const PER_SECOND = 50;
const WARM_UP = 100;

const bare = await startBare();
const service = await startService();
const oauth = {
  url: 'https://provider.example.org/auth?client_id=c&state=',
  clientId: 'c',
  clientSecret: 's',
};
const [nodeServer] = await registerMany(service, 1, { oauth });
const worker = await simulatedWorker({ pgUrl: nodeServer.pgUrl, host: '127.0.0.1', port: service.mqttPort });
await worker.signInNotice();
await worker.config();

const states = [];
for (let i = 0; i < REQUESTS + WARM_UP; i++) {
  const location = await service.call('GET', `/api/oauth/start?nodeServer=${nodeServer.id}&notice=auth`);
  states.push(new URL(location).searchParams.get('state'));
}

const arrived = new Map();
worker.client.on('message', (_topic, payload) => {
  const code = JSON.parse(payload.toString()).oauth?.code;
  if (code !== undefined) arrived.get(code)?.(performance.now());
});
bare.client.on('message', (_topic, payload) =>
  arrived.get(JSON.parse(payload.toString()).oauth.code)?.(performance.now()),
);

async function once(url, code, headers) {
  const message = new Promise((resolve) => arrived.set(code, resolve));
  const begun = performance.now();
  const response = fetch(`${url}&code=${code}`, { redirect: 'manual', headers });
  const ended = await message;
  await (await response).arrayBuffer();
  return ended - begun;
}

const ours = [];
const theirs = [];
for (let i = 0; i < states.length; i++) {
  const one = await once(`${bare.url}/callback?state=${states[i]}`, `bare${i}`, {});
  const other = await once(`${service.url}/api/oauth/callback?state=${states[i]}`, `ours${i}`, {
    cookie: service.cookie,
  });
  if (i >= WARM_UP) {
    theirs.push(one);
    ours.push(other);
  }
  await delay(1000 / PER_SECOND);
}

for (const [part, most] of [
  [0.5, 2],
  [0.99, 3],
]) {
  const [a, b] = [quantile(ours, part), quantile(theirs, part)];
  report(
    `relay p${part * 100}: callback to worker`,
    `${ms(a)} / ${ms(b)} = ${(a / b).toFixed(2)}×`,
    `≤ ${most}×`,
    a / b <= most,
  );
}

await worker.stop();
await service.stop();
bare.stop();

async function startBare() {
  const path = fileURLToPath(new URL('lib/bare-relay.mjs', import.meta.url));
  const child = spawn(process.execPath, [path], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [httpPort, mqttPort] = await new Promise((resolve) => {
    child.stdout.setEncoding('utf8').once('data', (line) => resolve(line.trim().split(' ')));
  });
  const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${mqttPort}`);
  client.stream.setNoDelay(true);
  await client.subscribeAsync('prod/ns/worker', { qos: 1 });
  return {
    client,
    url: `http://127.0.0.1:${httpPort}`,
    stop() {
      client.end(true);
      child.kill();
    },
  };
}
