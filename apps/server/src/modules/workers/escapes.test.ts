import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { NodeServer } from '@polyrelay/contract';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Attempt, PROBES, systemCalls, type Targets } from '../../testing/hostile.js';
import { processesWith, registerProgram, removePrograms, TINY_WORKER } from '../../testing/programs.js';
import { startService, type TestService } from '../../testing/service.js';
import { followLog, logLine, untilGone, untilNodeServer } from '../../testing/waiting.js';

const CANARY = `canary-of-the-service-${process.pid}`;
const MIB = 1024 * 1024;

let service: TestService;
let victim: NodeServer;
let outside: string;
let sandbox: { available: boolean; reason?: string } | undefined;

beforeAll(async () => {
  process.env.CANARY = CANARY;
  service = await startService();
  sandbox = service.app.nodeServers.runtimes.list().find(({ name }) => name === 'sandbox');
  outside = await mkdtemp(join(homedir(), '.pr-canary-'));
  await writeFile(join(outside, 'canary'), CANARY);
  if (sandbox?.available !== true) return;
  victim = await registerProgram(service, { 'main.mjs': TINY_WORKER }, { runtime: 'sandbox' });
  await untilNodeServer(service, victim.id, ({ state }) => state === 'connected');
});
afterAll(async () => {
  await removePrograms();
  await service.close();
  await rm(outside, { recursive: true, force: true });
  delete process.env.CANARY;
});

const hostile = (main: string, extra: Record<string, unknown> = {}): Promise<NodeServer> =>
  registerProgram(service, { 'main.mjs': main }, { runtime: 'sandbox', ...extra });

const workerFolder = (id: string): string => join(service.dataDir, 'workers', id);
const pidOf = async (id: string): Promise<number> =>
  Number(await readFile(join(workerFolder(id), 'worker.pid'), 'utf8'));

/** The rest of the world goes on: the service answers, and the other worker has not even noticed. */
async function expectUndisturbed(): Promise<void> {
  const begun = Date.now();
  const response = await service.fetch('/api/health');
  expect(response.status).toBe(200);
  expect(Date.now() - begun).toBeLessThan(10_000);
  const now = await service.call<NodeServer>('GET', `/api/node-servers/${victim.id}`);
  expect(now).toMatchObject({ state: 'connected', connected: true });
  expect(process.env.CANARY).toBe(CANARY);
}

async function gone(id: string): Promise<void> {
  await service.call('DELETE', `/api/node-servers/${id}`, { status: 202 });
  await untilGone(service, id);
  expect(existsSync(workerFolder(id))).toBe(false);
}

/** Resident bytes of processes. */
async function memoryOf(pids: number[]): Promise<number> {
  const sizes = await Promise.all(
    pids.map(async (pid) => {
      const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
      return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) * 1024;
    }),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}

describe('a hostile program in the sandbox', () => {
  test('gets out in none of more than a hundred ways', async ({ skip }) => {
    if (sandbox?.available !== true) skip(sandbox?.reason);
    const host = new URL(service.app.config.databaseUrl ?? '').searchParams.get('host') ?? '';
    const victimFolder = join(workerFolder(victim.id), 'releases', '1');
    const targets: Targets = {
      servicePid: process.pid,
      victimPid: await pidOf(victim.id),
      files: [
        join(service.dataDir, 'secret.key'),
        join(victimFolder, 'certs', 'private.key'),
        join(victimFolder, 'nodeserver', 'main.mjs'),
        join(outside, 'canary'),
        join(service.dataDir, 'workers', victim.id, 'worker.log'),
      ],
      folders: [
        service.dataDir,
        workerFolder(victim.id),
        host,
        outside,
        tmpdir() === '/tmp' ? '/tmp/..data' : tmpdir(),
      ],
      sockets: [join(host, '.s.PGSQL.5432')],
      calls: systemCalls(),
    };
    expect(existsSync(join(victimFolder, 'certs', 'private.key'))).toBe(true);
    expect(existsSync(join(host, '.s.PGSQL.5432'))).toBe(true);
    const { id } = await hostile(PROBES, { customParams: targets });
    const attempts: Attempt[] = [];
    for await (const { text } of followLog(service, id)) {
      if (text === 'DONE') break;
      if (text.startsWith('ATTEMPT ')) attempts.push(JSON.parse(text.slice('ATTEMPT '.length)));
    }
    expect(attempts.length).toBeGreaterThan(100);
    expect(attempts.filter(({ got }) => got.startsWith('yes'))).toEqual([]);
    const { text: log } = await service.call<{ text: string }>(
      'GET',
      `/api/node-servers/${id}/log?lines=5000`,
    );
    expect(log).not.toContain(CANARY);
    await expectUndisturbed();
    await gone(id);
  });

  test('does not reach PostgreSQL, nor the API without a session', async ({ skip }) => {
    if (sandbox?.available !== true) skip(sandbox?.reason);
    const { rows } = await service.app.database.pool.query('SHOW listen_addresses');
    expect(rows).toEqual([{ listen_addresses: '' }]);
    const { id } = await hostile(
      `
      const { url } = JSON.parse(process.env.NODESERVER).customParams;
      for (const path of ['/api/node-servers', '/api/settings', '/api/users', '/api/audit', '/api/backups'])
        console.log('API ' + path + ' ' + (await fetch(url + path)).status);
      console.log('DONE');
      setInterval(() => {}, 60_000);
    `,
      { customParams: { url: service.url } },
    );
    const lines: string[] = [];
    for await (const { text } of followLog(service, id)) {
      if (text === 'DONE') break;
      if (text.startsWith('API')) lines.push(text);
    }
    expect(lines).toHaveLength(5);
    expect(lines.filter((line) => !/ (401|404)$/.test(line))).toEqual([]);
    // Abstract sockets have no file, and with it no rights: the service has none.
    const inodes = await Promise.all(
      (await readdir('/proc/self/fd')).map((fd) =>
        readFile(`/proc/self/fdinfo/${fd}`, 'utf8').catch(() => ''),
      ),
    );
    const abstract = (await readFile('/proc/net/unix', 'utf8'))
      .split('\n')
      .filter((line) => line.includes(' @'));
    const own = inodes.map((info) => /ino:\s+(\d+)/.exec(info)?.[1]);
    expect(abstract.filter((line) => own.includes(line.split(/ +/)[6]))).toEqual([]);
    await gone(id);
  });

  test('a fork bomb stays within its processes, and is ended', async ({ skip }) => {
    if (sandbox?.available !== true) skip(sandbox?.reason);
    const marker = `polyrelay-bomb-${process.pid}`;
    const { id } = await registerProgram(
      service,
      {
        'main.mjs': `import { spawn } from 'node:child_process';
          spawn('perl', ['bomb.pl', '${marker}'], { stdio: 'inherit' });
          setInterval(() => {}, 60_000);`,
        // As many as there can be, and then for ever what makes more of itself.
        'bomb.pl': `$| = 1;
          my $n = 0;
          while (defined(my $pid = fork())) { if (!$pid) { sleep 1000; exit } $n++ }
          print "forked $n\n";
          exec 'sh', '-c', 'bomb() { bomb | bomb & }; while true; do bomb; done', $ARGV[0];`,
      },
      { runtime: 'sandbox', limits: { processes: 48 } },
    );
    const { text } = await logLine(service, id, /^forked \d+$/);
    expect(Number(text.split(' ')[1])).toBeGreaterThan(5);
    const processes = await processesWith(marker);
    expect(processes.length).toBeLessThanOrEqual(48);
    await expectUndisturbed();
    await service.call('POST', `/api/node-servers/${id}/stop`, { status: 202 });
    await untilNodeServer(service, id, ({ state }) => state === 'stopped');
    expect(await processesWith(marker)).toEqual([]);
    await gone(id);
  });

  test('threads count as processes do', async ({ skip }) => {
    if (sandbox?.available !== true) skip(sandbox?.reason);
    const marker = `polyrelay-threads-${process.pid}`;
    const { id } = await hostile(
      `import { spawnSync } from 'node:child_process';
       const { status, signal } = spawnSync(process.execPath, ['-e', 'require("fs").stat("/", () => setTimeout(() => {}, 60000))', '${marker}'],
         { env: { UV_THREADPOOL_SIZE: '1000' }, stdio: 'ignore' });
       console.log('threads ' + status + ' ' + signal);
       setInterval(() => {}, 60_000);`,
      { limits: { processes: 48 } },
    );
    // libuv ends a program that gets no more of them.
    expect((await logLine(service, id, /^threads /)).text).toMatch(/SIGABRT|13[0-9]/);
    await expectUndisturbed();
    await gone(id);
  });

  test.each([
    [
      'one process that takes 1 GB',
      'const all = []; for (let i = 0; i < 64; i++) all.push(Buffer.alloc(16 * 1024 * 1024, 1)); console.log("GOT IT"); setInterval(() => {}, 1000);',
      /^It ran out of memory: it may use 256 MB of memory\. .*Starting again in 1 s\.$|^It used more than 256 MB of memory and was ended\. Starting again in 1 s\.$/,
    ],
    [
      'many that take it together',
      `import { spawn } from 'node:child_process';
       for (let i = 0; i < 6; i++) spawn(process.execPath, ['-e', 'const a = Buffer.alloc(100 * 1024 * 1024, 1); setInterval(() => a, 1000)'], { stdio: 'ignore' });
       setInterval(() => {}, 1000);`,
      /^It used more than 256 MB of memory and was ended\. Starting again in 1 s\.$/,
    ],
  ])('%s ends with the reason', async (_what, main, reason) => {
    if (sandbox?.available !== true) return;
    const { id } = await hostile(main, { limits: { memoryMb: 256 } });
    const { stateReason } = await untilNodeServer(service, id, ({ state }) => state === 'crashed');
    await service.call('POST', `/api/node-servers/${id}/stop`, { status: 202 });
    expect(stateReason).toMatch(reason);
    const { text } = await service.call<{ text: string }>('GET', `/api/node-servers/${id}/log`);
    expect(text).not.toContain('GOT IT');
    expect(await memoryOf([await pidOf(victim.id)])).toBeLessThan(256 * MIB);
    await expectUndisturbed();
    await gone(id);
  });

  test('what it starts in a session of its own ends with it', async ({ skip }) => {
    if (sandbox?.available !== true) skip(sandbox?.reason);
    const marker = `polyrelay-daemon-${process.pid}`;
    const { id } = await hostile(`
      import { spawn } from 'node:child_process';
      spawn('setsid', ['sh', '-c', '(trap "" TERM HUP INT; exec -a ${marker} sleep 1000) & sleep 1000', '${marker}'], { detached: true, stdio: 'ignore' }).unref();
      setTimeout(() => { console.log('LEFT'); process.exit(0); }, 200);
    `);
    await logLine(service, id, /^LEFT$/);
    await service.call('POST', `/api/node-servers/${id}/stop`, { status: 202 });
    await untilNodeServer(service, id, ({ state }) => state === 'stopped');
    expect(await processesWith(marker)).toEqual([]);
    await gone(id);
  });

  test('ends all it can see: only itself', async ({ skip }) => {
    if (sandbox?.available !== true) skip(sandbox?.reason);
    const { id } = await hostile(`
      import { execFileSync } from 'node:child_process';
      console.log('KILLING');
      try { execFileSync('sh', ['-c', 'kill -9 -1; kill -9 1 2 3 4 5 6 7 8 9']); } catch {}
      setInterval(() => {}, 60_000);
    `);
    await logLine(service, id, /^KILLING$/);
    await untilNodeServer(service, id, ({ state }) => state === 'crashed');
    await service.call('POST', `/api/node-servers/${id}/stop`, { status: 202 });
    await expectUndisturbed();
    await gone(id);
  });

  test('links, pipes and endless folders among its files lead the service nowhere', async ({ skip }) => {
    if (sandbox?.available !== true) skip(sandbox?.reason);
    const folderTricks = `
perl -e 'chdir "/app/home"; for (1 .. 3000) { mkdir "deep-deep-deep"; chdir "deep-deep-deep" or last } print "deep\\n"'
mkdir -p /app/logs/closed/inner && chmod 0 /app/logs/closed
rm -f package.json server.json
mkfifo package.json
ln -s /dev/zero server.json
ln -s / /app/venv/root
ln -sfn ${outside} certs
`;
    const { id } = await registerProgram(
      service,
      { 'main.mjs': TINY_WORKER, 'install.sh': folderTricks, 'package.json': '{"dependencies":{"a":"1"}}' },
      { runtime: 'sandbox', serverJson: { install_cloud: 'install.sh' } },
    );
    await logLine(service, id, /^deep$/);
    await untilNodeServer(service, id, ({ state }) => state === 'connected');
    await service.call('POST', `/api/node-servers/${id}/restart`, { status: 202 });
    await untilNodeServer(service, id, ({ state }) => state !== 'connected');
    await untilNodeServer(service, id, ({ state }) => state === 'connected');
    expect(await readdir(outside)).toEqual(['canary']);
    await gone(id);
    expect(await readFile(join(outside, 'canary'), 'utf8')).toBe(CANARY);
    await expectUndisturbed();
  });

  test('one that is told to stop cannot ask to come back', async ({ skip }) => {
    if (sandbox?.available !== true) skip(sandbox?.reason);
    const undying = TINY_WORKER.replace(
      'say({ connected: false }, () => process.exit(0));',
      'say({ restart: {} }, () => say({ restart: {} }, () => setTimeout(() => process.exit(0), 300)));',
    );
    expect(undying).not.toBe(TINY_WORKER);
    const { id } = await hostile(undying);
    await untilNodeServer(service, id, (now) => now.state === 'connected' && 'controller' in now.nodes);
    await service.call('POST', `/api/node-servers/${id}/stop`, { status: 202 });
    const after = await untilNodeServer(
      service,
      id,
      ({ state }) => state !== 'stopping' && state !== 'connected',
    );
    expect(after.state).toBe('stopped');
    await gone(id);
  });

  test('what it prints cannot steer a terminal, nor pass for another line', async ({ skip }) => {
    if (sandbox?.available !== true) skip(sandbox?.reason);
    const { id } = await hostile(String.raw`
      process.stdout.write('\x1b]0;evil\x07\x1b[2J\x1b[1;31mone\x1b[0m\rtwo\x9b31m\x00\x08\n2026-01-01T00:00:00.000Z error   false\n');
      setInterval(() => {}, 60_000);
    `);
    await logLine(service, id, /false$/);
    const { text } = await service.call<{ text: string }>('GET', `/api/node-servers/${id}/log`);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
    expect(text).not.toMatch(/[\x00-\x08\x0b-\x1f\x7f]/);
    expect(text.split('\n').filter((line) => line.endsWith('false'))).toEqual([
      expect.stringMatching(/^\S+Z \S+ +2026-01-01T00:00:00\.000Z error {3}false$/),
    ]);
    await gone(id);
  });
});

test('the broker refuses a worker the topics of another', async ({ skip }) => {
  if (sandbox?.available !== true) skip(sandbox?.reason);
  const thief = TINY_WORKER.replace(
    'socket.write(packet(0x82, Buffer.from([0, 1]), text(topic), Buffer.from([0])))',
    `{
      const other = STAGE + '/ns/' + customParams.victim;
      socket.write(packet(0x82, Buffer.from([0, 1]), text(other), Buffer.from([0]), text('#'), Buffer.from([0])));
      socket.write(packet(0x30, text(other), Buffer.from('{"stop":""}')));
      socket.write(packet(0x30, text(STAGE + '/ns'), Buffer.from(JSON.stringify({ delete: {}, customdata: { stolen: 1 }, userId, topic: other, profileNum, id: customParams.victimId }))));
    }`,
  );
  expect(thief).not.toBe(TINY_WORKER);
  const granted = thief.replace(
    'if (type === 9)',
    "if (type === 9) console.log('SUBACK ' + body.toString('hex')); else if (type === 99)",
  );
  const { id } = await hostile(granted, { customParams: { victim: victim.worker, victimId: victim.id } });
  // Either refused in the answer, or cut off.
  const { text } = await logLine(service, id, /^SUBACK |^It ended|^It was ended/);
  if (text.startsWith('SUBACK')) expect(text).toMatch(/^SUBACK 0001(80)+$/);
  await expectUndisturbed();
  const { customData } = await service.call<{ customData?: unknown }>(
    'GET',
    `/api/node-servers/${victim.id}`,
  );
  expect(JSON.stringify(customData ?? {})).not.toContain('stolen');
  await gone(id);
});
