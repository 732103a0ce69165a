import { type ChildProcess, execFile, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Monitor } from '@polyrelay/contract';
import { Running } from '@polyrelay/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { README } from '../../../scripts/settings-table.mjs';
import { ADMIN, startService, type TestService } from './testing/service.js';

/** The README's examples of push monitors, pasted one after the other. Only ports and addresses are others. */
const has = (program: string): boolean => spawnSync('sh', ['-c', `command -v ${program}`]).status === 0;
const missing = ['curl', 'jq'].filter((program) => !has(program));
/** The published client, which is not ours to install; Python 3.12 ended what it is built on. */
const THEIRS = 'import sys, devicecloud; sys.exit(sys.version_info >= (3, 12))';
const hasTheirs = spawnSync('python3', ['-c', THEIRS]).status === 0;

let service: TestService;
let folder: string;
let hookPort: number;
let env: NodeJS.ProcessEnv;
const children: ChildProcess[] = [];

beforeAll(async () => {
  service = await startService({ ALLOW_PRIVATE_URLS: 'true' });
  folder = await mkdtemp(join(tmpdir(), 'pr-readme-'));
  hookPort = await freePort();
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
    // With what it started: a shell is no use without its client, and a client goes on without its shell.
    process.kill(-(child.pid as number), 'SIGKILL');
    await ended;
  }
  await service.close();
  await rm(folder, { recursive: true });
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

const section = (): string => /\n## Push monitors\n(.*?)\n## /s.exec(readFileSync(README, 'utf8'))?.[1] ?? '';
/** Programs of one language, in their order. */
const examples = (language: string): string[] =>
  [...section().matchAll(new RegExp(`\n\`\`\`${language}\n(.*?)\n\`\`\``, 'gs'))].map(([, text = '']) =>
    text
      .replace('you@example.org', ADMIN.email)
      .replace('node push-client.mjs', `node push-client.mjs --port ${service.app.push.tlsPort}`)
      .replace('9000', String(hookPort)),
  );

const paste = async (text = ''): Promise<string> =>
  (await promisify(execFile)('bash', ['-euc', text], { cwd: folder, env })).stdout;
function start(text = ''): Running {
  const child = spawn('bash', ['-euc', text], { cwd: folder, env, detached: true });
  children.push(child);
  return new Running(child);
}

const addThing = (name: string) =>
  service.call('POST', '/api/things', { body: { name, type: 'Pi' }, status: 201 });

/** Makes the monitor of the examples. @returns what is to be pasted behind */
async function createMonitor(): Promise<string[]> {
  const [create, ...more] = examples('sh');
  const [email, id] = (await paste(`${create}\necho $EMAIL; echo $MONITOR`)).trim().split('\n');
  Object.assign(env, { EMAIL: email, MONITOR: id });
  return more;
}

test.skipIf(missing.length > 0)(
  'the examples of monitors do what they say',
  async () => {
    const [receive, ask, hook, poll, template, web, ...more] = await createMonitor();
    expect(more).toEqual([]);
    // Nobody is connected: it waits.
    await addThing('lettuce');
    const received = start(receive);
    await received.said('-lettuce');
    const [tested, replayed] = (await paste(ask?.replace('\n', '\necho; '))).trim().split('\n');
    expect(JSON.parse(tested as string)).toEqual({ eventId: expect.any(String) });
    expect(JSON.parse(replayed as string)).toMatchObject({ lag: { more: false } });
    await received.said(`/Test/${env.MONITOR}`);
    await expect.poll(() => received.out.match(/-lettuce/g)?.length, { timeout: 15_000 }).toBe(2);

    const [js = ''] = examples('js');
    await writeFile(join(folder, 'hook.mjs'), js);
    const hooked = start(hook);
    await hooked.said('/Test/');
    await addThing('cress');
    await hooked.said('-cress');

    const polled = start(poll);
    await polled.said('-lettuce');
    await addThing('rocket');
    await Promise.all([polled, received].map((running) => running.said('-rocket')));

    expect(JSON.parse(await paste(template))).toEqual({
      payload: expect.stringMatching(/-cress: 0\n.*-rocket: 0\n/),
      events: 2,
    });
    const answers = await paste(web);
    expect(answers).toContain(`<monId>${env.MONITOR}</monId>`);
    expect(answers).toContain('"dpDescription"');
  },
  60_000,
);

test.skipIf(missing.length > 0 || !hasTheirs)('the published client in Python receives it', async () => {
  await createMonitor();
  const [py = ''] = examples('py');
  const port = `from devicecloud import monitor_tcp\nmonitor_tcp.PUSH_SECURE_PORT = ${service.app.push.tlsPort}\n`;
  await writeFile(join(folder, 'watch.py'), port + py);
  await paste('curl -fsS -o ca.pem $URL/api/ca.pem');
  const watched = start('exec python3 -u watch.py');
  const active = async () =>
    (await service.call<{ items: Monitor[] }>('GET', '/api/monitors?status=ACTIVE')).items.map(
      ({ topic }) => topic,
    );
  await expect.poll(active, { timeout: 15_000 }).toContain('DeviceCore,AlarmStatus');
  await addThing('basil');
  await watched.said('-basil');
});
