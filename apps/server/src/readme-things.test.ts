import { type ChildProcess, execFile, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { ThingPage } from '@polyrelay/contract';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { README } from '../../../scripts/settings-table.mjs';
import { startService, type TestService } from './testing/service.js';

/** The README's examples of things, pasted one after the other. Only port and address are others. */
const run = promisify(execFile);
const missing = ['curl', 'unzip', 'python3', 'mosquitto_pub'].filter(
  (program) => spawnSync('sh', ['-c', `command -v ${program}`]).status !== 0,
);

let service: TestService;
let folder: string;
let running: ChildProcess | undefined;

beforeAll(async () => {
  service = await startService();
  folder = await mkdtemp(join(tmpdir(), 'pr-readme-'));
});
afterAll(async () => {
  if (running !== undefined) {
    const ended = once(running, 'exit');
    running.kill();
    await ended;
  }
  await service.close();
  await rm(folder, { recursive: true });
});

const section = (): string => /\n## Things\n(.*?)\n## /s.exec(readFileSync(README, 'utf8'))?.[1] ?? '';

/** Programs of one language, in their order. */
const examples = (language: string): string[] =>
  [...section().matchAll(new RegExp(`\n\`\`\`${language}\n(.*?)\n\`\`\``, 'gs'))].map(([, text = '']) =>
    text.replace('-p 8883', `-p ${service.mqttPort}`),
  );

test.skipIf(missing.length > 0)(
  'the examples of things do what they say',
  async () => {
    const { token: accessToken } = await service.call<{ token: string }>('POST', '/api/access-tokens', {
      body: { name: 'readme' },
      status: 201,
    });
    const [create, send, handle, collect, sign, publish, query, ...more] = examples('sh');
    expect(more).toEqual([]);
    const env: NodeJS.ProcessEnv = { ...process.env, URL: service.url, TOKEN: accessToken };
    const paste = async (text = '', cwd = join(folder, env.NAME ?? '')) => {
      const { stdout } = await run('bash', ['-euc', text], { cwd, env });
      return stdout;
    };

    expect(await paste(create, folder)).toContain('is ready');
    const [thing] = (await service.call<ThingPage>('GET', '/api/things')).items;
    Object.assign(env, { THING: thing?.id, NAME: thing?.name });
    const place = join(folder, env.NAME ?? '');
    expect(thing?.type).toBe('RaspberryPi');
    await expect
      .poll(async () => (await service.call<ThingPage>('GET', '/api/things')).items[0]?.status)
      .toBe('verified');

    expect(JSON.parse(await paste(send))).toMatchObject({ state: 'queued', payload: { set: 21 } });
    running = spawn('bash', ['-euc', `${handle?.replace('node thing.mjs run', 'exec $&')}`], {
      cwd: place,
      env,
      stdio: 'ignore',
    });
    const found = async (text: string) =>
      (
        await service.call<{ items: { preview: string }[] }>(
          'GET',
          `/api/things/${env.THING}/messages?type=egress&text=${text}`,
        )
      ).items;
    await expect.poll(() => found('heard'), { timeout: 15_000 }).toHaveLength(1);

    expect(await paste(collect)).toMatch(/^collected /);
    const [js = ''] = examples('js');
    await writeFile(join(place, 'reading.mjs'), js);
    await paste('node reading.mjs');
    const [py = ''] = examples('py');
    await writeFile(join(place, 'reading.py'), py);
    expect(await paste('python3 reading.py')).toMatch(/^200\n/);
    expect(JSON.parse(await paste(sign))).toMatchObject({ status: 'OK', code: 200 });
    await paste(publish);
    await expect.poll(() => found('21.5')).toHaveLength(5);

    const [all = '', page = ''] = (await paste(query)).split(/(?<=\})(?=\{"items")/);
    expect((JSON.parse(all) as { result: unknown[] }).result).toHaveLength(7);
    expect((JSON.parse(page) as { items: unknown[] }).items).toHaveLength(5);
    expect(await paste('unzip -Z1 messages.zip | wc -l')).toMatch(/^8\n/);
  },
  60_000,
);
