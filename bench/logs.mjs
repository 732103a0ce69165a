// Logs: how many lines of a program that floods its output are taken in, masked, levelled and written a second, against
// a bare reader that appends the same output to a file; and what the flood does to the relay's p99.
import { spawn } from 'node:child_process';
import { appendFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { simulatedWorker } from '@polyrelay/testkit';
import { median, ms, quantile, rate, report } from './lib/figures.mjs';
import { registerMany, startService } from './lib/service.mjs';

const LEAST_LINES = 20_000;
const LINES = 150_000;
const REQUESTS = 150;
const ROUNDS = 3;
const PER_SECOND = 50;

/** Waits for a line at its input, then prints lines of about 110 bytes, `rate` a second or as fast as they are read. */
const FLOODING = `
const [lines, perSecond] = process.argv.slice(2).map(Number);
const line = (i) => '2026-01-01 10:00:00,000 [MainThread] [' + (i % 4 === 0 ? 'DEBUG' : 'INFO ') + '] value ' + i
  + ' of the sensor in the living room is 21.5\\n';
let i = 0;
const begun = performance.now();
const print = () => {
  const due = perSecond === 0 ? lines : Math.min(lines, (performance.now() - begun) * perSecond / 1000);
  let text = '';
  for (const upTo = Math.min(due, i + 500); i < upTo; i++) text += line(i);
  if (i >= lines) return process.stdout.write(text + 'that is all\\n', () => setInterval(() => {}, 60_000));
  process.stdout.write(text, () => (i < due ? setImmediate(print) : setTimeout(print, 5)));
};
print();
`;

const folder = await mkdtemp(join(tmpdir(), 'pr-bench-logs-'));
await writeFile(join(folder, 'flooding.mjs'), FLOODING);
/** A node server whose program floods. */
async function floodingProgram(lines, perSecond) {
  const source = await mkdtemp(join(folder, 'program-'));
  await writeFile(
    join(source, 'main.mjs'),
    `process.argv.push('${lines}', '${perSecond}');\n${FLOODING.replace('slice(2)', 'slice(-2)')}`,
  );
  return source;
}

/** ms from the first line to the last one, with a reader that does nothing but append them to a file. */
async function bareRun() {
  const child = spawn(process.execPath, [join(folder, 'flooding.mjs'), String(LINES), '0'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const path = join(folder, 'bare.log');
  let begun;
  let waiting = [];
  let writing = Promise.resolve();
  for await (const line of createInterface({ input: child.stdout })) {
    begun ??= performance.now();
    waiting.push(line);
    if (waiting.length >= 1000) {
      const text = `${waiting.join('\n')}\n`;
      waiting = [];
      writing = writing.then(() => appendFile(path, text));
    }
    if (line === 'that is all') break;
  }
  await writing;
  child.kill('SIGKILL');
  return performance.now() - begun;
}

const service = await startService();

/** Registers a program that floods; resolves when it has begun. */
async function flood(lines, perSecond) {
  const { id } = await service.call('POST', '/api/node-servers', {
    serverJson: { name: 'Flood', type: 'node', executable: 'main.mjs' },
    source: { folder: await floodingProgram(lines, perSecond) },
  });
  const log = (query) => service.call('GET', `/api/node-servers/${id}/log/lines?${query}`);
  const until = async (text) => {
    for (;;) {
      const [line] = (await log(`text=${encodeURIComponent(text)}&limit=1`)).lines;
      if (line !== undefined) return line;
      await delay(100);
    }
  };
  await until('value ');
  return { id, log, until };
}

/** Kept lines a second, from the oldest one that is still on the disk to the last, by their numbers and times. */
async function ourRun() {
  const { id, log, until } = await flood(LINES, 0);
  const last = await until('that is all');
  const [first] = (await log('after=0&text=value&limit=1')).lines;
  await service.call('DELETE', `/api/node-servers/${id}`);
  return ((last.n - first.n) / (Date.parse(last.at) - Date.parse(first.at))) * 1000;
}

const ours = [];
const bare = [];
for (let round = 0; round < ROUNDS; round++) {
  bare.push((LINES / (await bareRun())) * 1000);
  ours.push(await ourRun());
}
const [a, b] = [median(ours), median(bare)];
report(
  'log lines of one flooding worker, kept',
  `${rate(a)} / ${rate(b)} = ${((a / b) * 100).toFixed(0)} %`,
  `≥ ${LEAST_LINES.toLocaleString('en')}/s`,
  a >= LEAST_LINES,
);

const [nodeServer] = await registerMany(service, 1, {
  oauth: { url: 'https://provider.example.org/auth?client_id=c&state=', clientId: 'c', clientSecret: 's' },
});
const worker = await simulatedWorker({ pgUrl: nodeServer.pgUrl, host: '127.0.0.1', port: service.mqttPort });
await worker.signInNotice();
await worker.config();
const arrived = new Map();
worker.client.on('message', (_topic, payload) => {
  const code = JSON.parse(payload.toString()).oauth?.code;
  if (code !== undefined) arrived.get(code)?.(performance.now());
});

let codes = 0;
/** Times of callbacks to the worker, at an even pace. */
async function relayTimes(requests) {
  const times = [];
  const states = [];
  for (let i = 0; i < requests; i++) {
    const location = await service.call('GET', `/api/oauth/start?nodeServer=${nodeServer.id}&notice=auth`);
    states.push(new URL(location).searchParams.get('state'));
  }
  for (const state of states) {
    const code = `code${++codes}`;
    const message = new Promise((resolve) => arrived.set(code, resolve));
    const begun = performance.now();
    const response = fetch(`${service.url}/api/oauth/callback?state=${state}&code=${code}`, {
      redirect: 'manual',
      headers: { cookie: service.cookie },
    });
    times.push((await message) - begun);
    await (await response).arrayBuffer();
    await delay(1000 / PER_SECOND);
  }
  return times;
}

await relayTimes(100);
const quiet = [];
const flooded = [];
for (let round = 0; round < ROUNDS; round++) {
  quiet.push(...(await relayTimes(REQUESTS)));
  // Within the burst that is kept whole: every line costs all that a line can cost.
  const { id } = await flood(LEAST_LINES * 600, LEAST_LINES);
  flooded.push(...(await relayTimes(REQUESTS)));
  await service.call('DELETE', `/api/node-servers/${id}`);
}
for (const [part, most] of [
  [0.5, undefined],
  [0.99, 1.5],
]) {
  const [with_, without] = [quantile(flooded, part), quantile(quiet, part)];
  report(
    `relay p${part * 100} while ${rate(LEAST_LINES)} are logged, against quiet`,
    `${ms(with_)} / ${ms(without)} = ${(with_ / without).toFixed(2)}×`,
    most === undefined ? '' : `≤ ${most}×`,
    most === undefined ? undefined : with_ / without <= most,
  );
}

await worker.stop();
await service.stop();
await rm(folder, { recursive: true, force: true });
