import { type ChildProcess, execFile, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Rules } from '@polyrelay/contract';
import { Running } from '@polyrelay/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { z } from 'zod';
import { README } from '../../../scripts/settings-table.mjs';
import { startService, type TestService } from './testing/service.js';

/** The README's examples of channels, pasted one after the other. Only port and address are others. */
const has = (program: string): boolean => spawnSync('sh', ['-c', `command -v ${program}`]).status === 0;
const missing = ['curl', 'jq', 'mosquitto_pub', 'mosquitto_sub'].filter((program) => !has(program));
/** flespi's own receiver, which is not ours to install; Python 3.11 ended what it is built on. */
const THEIRS = 'import sys, flespi_receiver; sys.exit(sys.version_info >= (3, 11))';
const hasTheirs = spawnSync('python3', ['-c', THEIRS]).status === 0;

let service: TestService;
let folder: string;
let env: NodeJS.ProcessEnv;
const children: ChildProcess[] = [];

beforeAll(async () => {
  service = await startService();
  folder = await mkdtemp(join(tmpdir(), 'pr-readme-'));
  const { token } = await service.call<{ token: string }>('POST', '/api/access-tokens', {
    body: { name: 'readme' },
    status: 201,
  });
  env = { ...process.env, URL: service.url, TOKEN: token };
});
afterAll(async () => {
  for (const child of children) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    const ended = once(child, 'exit');
    // With what it started: a shell is no use without its curl, and a curl without its shell waits for 30 seconds.
    process.kill(-(child.pid as number), 'SIGKILL');
    await ended;
  }
  await service.close();
  await rm(folder, { recursive: true });
});

const section = (): string => /\n## Channels\n(.*?)\n## /s.exec(readFileSync(README, 'utf8'))?.[1] ?? '';
/** Programs of one language, in their order. */
const examples = (language: string): string[] =>
  [...section().matchAll(new RegExp(`\n\`\`\`${language}\n(.*?)\n\`\`\``, 'gs'))].map(([, text = '']) =>
    text.replace('-p 8883', `-p ${service.mqttPort}`),
  );

const paste = async (text = ''): Promise<string> =>
  (await promisify(execFile)('bash', ['-euc', text], { cwd: folder, env })).stdout;
function start(text = ''): Running {
  const child = spawn('bash', ['-euc', text], { cwd: folder, env, detached: true });
  children.push(child);
  return new Running(child);
}

test.skipIf(missing.length > 0)(
  'the examples of channels do what they say',
  async () => {
    const [create, curl, receiver, subscribe, publish, rule, filter, token, ...more] = examples('sh');
    expect(more).toEqual([]);
    const [added, id] = (await paste(`${create}\necho; echo $CHANNEL`)).trim().split('\n');
    env.CHANNEL = id as string;
    expect(JSON.parse(added as string)).toEqual({ result: [{ first_key: 0, last_key: 1, count: 2 }] });

    const reading = start(curl);
    await reading.said('car2');
    const handed = start(receiver);
    await handed.said('"battery.level":12');
    const subscribed = start(subscribe);
    const waiting = () => service.app.metrics.registry.metrics();
    await expect.poll(waiting, { timeout: 15_000 }).toMatch(/^polyrelay_channel_reads_waiting 2$/m);
    // Published until it is heard: whether a subscription stands, its client does not tell.
    const heard = /flespi\/message\/gw\/channels\/\d+\/car1 \{"ident":"car1".*"speed":41\.5\}/;
    await expect
      .poll(
        async () => {
          await paste(publish);
          return subscribed.out;
        },
        { timeout: 15_000, interval: 300 },
      )
      .toMatch(heard);
    await Promise.all([reading.said('"speed":41.5'), handed.said('"speed":41.5')]);
    expect(await readFile(join(folder, 'messages.ndjson'), 'utf8')).toContain('"speed":41.5');

    expect(JSON.parse(await paste(rule))).toMatchObject({ name: 'climate', enabled: true });
    const { items } = await service.call<z.infer<typeof Rules>>('GET', `/api/channels/${id}/rules`);
    expect(items).toHaveLength(1);
    expect(JSON.parse(await paste(filter))).toMatchObject({
      result: [{ ident: 'car2', 'battery.level': 12 }],
    });
    const follower = JSON.parse(await paste(token)) as { token: string };
    const call = (method: string, path: string) =>
      fetch(`${service.url}${path}`, { method, headers: { authorization: `FlespiToken ${follower.token}` } });
    expect((await call('GET', `/gw/channels/${id}/messages`)).status).toBe(200);
    expect((await call('DELETE', `/gw/channels/${id}/messages?data={"delete_key":1}`)).status).toBe(403);
  },
  60_000,
);

test.skipIf(missing.length > 0 || !hasTheirs)('flespi’s own receiver reads it', async () => {
  const [py = ''] = examples('py');
  const [create] = examples('sh');
  env.CHANNEL = (await paste(`${create} >&2; echo $CHANNEL`)).trim();
  await writeFile(join(folder, 'follow.py'), py);
  await start('exec python3 -u follow.py').said('car2');
});
