// Broken input of push monitors: a million generated frames through the reader, and thousands of broken connections to
// a real service, which must go on as it was. `node bench/faults/push.mjs [--frames n] [--connections n]`
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { parseArgs } from 'node:util';
import {
  encodeConnectionRequest,
  encodeConnectionResponse,
  encodePublishMessage,
  FrameReader,
  PushFrameError,
} from '../../packages/codecs/dist/push/index.js';
import { startService } from '../lib/service.mjs';

const { values } = parseArgs({
  options: {
    frames: { type: 'string', default: '1000000' },
    connections: { type: 'string', default: '20000' },
  },
});
const AT_ONCE = 100;

let state = 1;
const random = (below) => {
  state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
  return Math.floor((state / 2 ** 32) * below);
};

const request = encodeConnectionRequest({ username: 'alice', password: 's3cret', monitorId: 7 });
const welcome = encodeConnectionResponse(200);
const block = encodePublishMessage({
  blockId: 1,
  count: 1,
  compression: 'zlib',
  format: 'json',
  payload: Buffer.alloc(40),
});

/** A frame with some wrong bytes, or bytes that were never one. */
function broken(frame) {
  const bytes = random(8) === 0 ? Buffer.alloc(random(200)) : Buffer.from(frame);
  if (bytes.length === 0) return bytes;
  const isNoise = random(8) === 0;
  for (let n = isNoise ? bytes.length : 1 + random(4); n > 0; n--) bytes[random(bytes.length)] = random(256);
  return bytes.subarray(0, random(4) === 0 ? random(bytes.length) : bytes.length);
}

function frames(count) {
  let faults = 0;
  for (let i = 0; i < count; i++) {
    const isServer = i % 2 === 0;
    const reader = new FrameReader(isServer ? 'server' : 'client', () => undefined);
    const bytes = broken(isServer ? request : block);
    const cut = random(bytes.length + 1);
    try {
      if (!isServer) reader.push(welcome);
      reader.push(bytes.subarray(0, cut));
      reader.push(bytes.subarray(cut));
    } catch (error) {
      // Anything else is a fault of the reader.
      if (!(error instanceof PushFrameError)) throw error;
      faults++;
    }
    if (reader.pending > bytes.length) throw new Error(`${reader.pending} bytes held of ${bytes.length}`);
  }
  return faults;
}

async function brokenConnection(port) {
  const socket = connect({ port, host: '127.0.0.1' });
  socket.on('error', () => undefined);
  socket.on('data', () => undefined);
  const closed = new Promise((resolve) => socket.once('close', resolve));
  await Promise.race([once(socket, 'connect').catch(() => undefined), closed]);
  socket.write(broken(request));
  // Half of them leave in the middle, the others with a word.
  if (random(2) === 0) socket.resetAndDestroy();
  else socket.end();
  await closed;
}

async function connections(service, count) {
  let begun = 0;
  const next = async () => {
    while (begun < count) await brokenConnection(begun++ % 2 === 0 ? service.pushPort : service.pushTlsPort);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, next));
}

/** Resident memory of a process, in MB. */
const memory = (pid) =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;

const begun = performance.now();
const count = Number(values.frames);
const faults = frames(count);
const ms = Math.round(performance.now() - begun);
console.log(`${count} generated frames in ${ms} ms: ${faults} refused, nothing else went wrong`);

const service = await startService();
try {
  const total = Number(values.connections);
  // As many again before: what is made once is not counted.
  await connections(service, total / 4);
  const before = memory(service.pid);
  const start = performance.now();
  await connections(service, total);
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  const after = memory(service.pid);
  const health = await (await fetch(`${service.url}/api/health`)).json();
  console.log(
    `${total} broken connections in ${seconds} s: health ${health.status}, memory ${before.toFixed(0)} → ${after.toFixed(0)} MB`,
  );
  if (health.status !== 'ok') process.exitCode = 1;
} finally {
  await service.stop();
}
