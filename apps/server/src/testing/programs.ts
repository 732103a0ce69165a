import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { NodeServer } from '@polyrelay/contract';
import type { TestService } from './service.js';

const folders: string[] = [];

/** Writes a program's files into a new folder. */
export async function programFolder(files: Record<string, string>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'pr-program-'));
  folders.push(folder);
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), content);
  }
  return folder;
}

/** Registers a program that the service runs itself. */
export async function registerProgram(
  service: TestService,
  files: Record<string, string>,
  { serverJson = {}, ...extra }: { serverJson?: object; [key: string]: unknown } = {},
): Promise<NodeServer> {
  const folder = await programFolder(files);
  return service.call<NodeServer>('POST', '/api/node-servers', {
    body: {
      serverJson: { name: 'Program', type: 'node', executable: 'main.mjs', ...serverJson },
      source: { folder },
      ...extra,
    },
    status: 201,
  });
}

/** Removes the folders that were made so far. */
export async function removePrograms(): Promise<void> {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true });
}

/** Processes of this machine whose command line holds a text. */
export async function processesWith(text: string): Promise<number[]> {
  const found: number[] = [];
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const line = await readFile(`/proc/${name}/cmdline`, 'utf8').catch(() => '');
    if (line.includes(text)) found.push(Number(name));
  }
  return found;
}

/**
 * A whole node server in one file that needs nothing: it speaks just enough MQTT. What it does is in its custom
 * parameters and in the commands it gets: `stubborn` ignores `stop`; SAY prints, SAVE counts in its custom data,
 * CRASH ends it, RESTART asks for a restart.
 */
export const TINY_WORKER = `
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { connect } from 'node:tls';

const { STAGE, MQTTENDPOINT: host, MQTTPORT = '8883', NODESERVER } = process.env;
const record = JSON.parse(NODESERVER);
const { worker, userId, profileNum, id, customParams } = record;
const topic = STAGE + '/ns/' + worker;
const file = (name) => readFileSync('../certs/' + name);
const text = (value) => {
  const bytes = Buffer.from(value);
  return Buffer.concat([Buffer.from([bytes.length >> 8, bytes.length & 255]), bytes]);
};
const packet = (type, ...parts) => {
  const body = Buffer.concat(parts);
  const head = [type];
  let length = body.length;
  do {
    const more = length > 127;
    head.push((length % 128) | (more ? 128 : 0));
    length = Math.floor(length / 128);
  } while (length > 0);
  return Buffer.concat([Buffer.from(head), body]);
};
const socket = connect({
  host, port: Number(MQTTPORT), servername: host,
  ca: file('AmazonRootCA1.pem'), cert: file('iot.crt'), key: file('private.key'),
});
const say = (keys, then) =>
  socket.write(
    packet(0x30, text(STAGE + '/ns'), Buffer.from(JSON.stringify({ ...keys, userId, topic, profileNum, id }))), then);
const commands = {
  SAY: ({ value }) => console.log(value),
  SAVE: () => say({ customdata: { runs: (record.customData.runs ?? 0) + 1 } }),
  CRASH: () => process.exit(7),
  RESTART: () => say({ restart: {} }),
};
const handle = (message) => {
  if (message.stop === '' || message.delete) {
    if (customParams.stubborn) return console.log('not stopping');
    say({ connected: false }, () => process.exit(0));
  }
  if (message.command) commands[message.command.cmd]?.(message.command);
};
let rest = Buffer.alloc(0);
socket.on('secureConnect', () =>
  socket.write(packet(0x10, text('MQTT'), Buffer.from([4, 2, 0, 0]), text('tiny'))));
socket.on('data', (chunk) => {
  rest = Buffer.concat([rest, chunk]);
  for (;;) {
    let length = 0;
    let at = 1;
    let byte;
    do {
      if (at >= rest.length) return;
      byte = rest[at];
      length += (byte & 127) * 128 ** (at - 1);
      at += 1;
    } while (byte & 128);
    if (rest.length < at + length) return;
    const body = rest.subarray(at, at + length);
    const type = rest[0] >> 4;
    rest = rest.subarray(at + length);
    if (type === 2) socket.write(packet(0x82, Buffer.from([0, 1]), text(topic), Buffer.from([0])));
    if (type === 9) say({
      connected: true,
      addnode: { address: 'controller', name: 'C', nodedefid: 'c', primary: 'controller', isController: true },
    });
    if (type === 3) handle(JSON.parse(body.subarray(2 + body.readUInt16BE(0)).toString()));
  }
});
socket.on('error', (error) => {
  console.error(error.message);
  process.exit(1);
});
console.log('run ' + (record.customData.runs ?? 0));
if (customParams.child)
  spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)', customParams.child], { stdio: 'inherit' });
`;
