import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { NodeServer } from '@polyrelay/contract';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type GitServer, hasGitServer, startGitServer } from '../../../testing/git-server.js';
import { removePrograms, TINY_WORKER } from '../../../testing/programs.js';
import { startService, type TestService } from '../../../testing/service.js';
import { untilNodeServer } from '../../../testing/waiting.js';
import { type ZipEntry, zip } from '../../../testing/zip.js';
import { unpack } from './archive.js';
import { clone } from './git.js';

let base: string;
/** Nobody may come here. */
let listener: Server;
let port: number;
let visits = 0;
beforeAll(async () => {
  base = await mkdtemp(join(tmpdir(), 'pr-payloads-'));
  listener = createServer((socket) => {
    visits++;
    socket.destroy();
  }).listen(0, '::');
  await once(listener, 'listening');
  ({ port } = listener.address() as AddressInfo);
});
afterAll(async () => {
  listener.close();
  await rm(base, { recursive: true, force: true });
});

const cloned = async (url: string, ref?: string, allowPrivate = false): Promise<string> => {
  const folder = join(await mkdtemp(join(base, 'clone-')), 'new');
  await clone({
    url,
    ref,
    folder,
    allowPrivate,
    signal: new AbortController().signal,
    onLine: () => undefined,
  });
  return folder;
};
const evil = (): string => join(base, 'evil');

/** P: the port of a service of this machine. E: a file that is not to be made. */
const URLS = [
  'https://127.0.0.1:P/a',
  'https://127.1:P/a',
  'https://127.0.0.1.:P/a',
  'https://0x7f.1:P/a',
  'https://0x7f000001:P/a',
  'https://0177.0.0.1:P/a',
  'https://2130706433:P/a',
  'https://0:P/a',
  'https://0.0.0.0:P/a',
  'https://localhost:P/a',
  'https://LOCALHOST:P/a',
  'https://localhost.:P/a',
  'https://[::1]:P/a',
  'https://[::]:P/a',
  'https://[::ffff:127.0.0.1]:P/a',
  'https://[::ffff:7f00:1]:P/a',
  'https://[::127.0.0.1]:P/a',
  'https://[64:ff9b::7f00:1]:P/a',
  'https://[2002:7f00:1::]:P/a',
  'https://[fe80::1]:P/a',
  'https://[fd00::1]:P/a',
  'https://169.254.169.254/latest/meta-data',
  'https://10.0.0.1:P/a',
  'https://192.168.0.1:P/a',
  'https://github.invalid@127.0.0.1:P/a',
  'https://github.invalid:443@127.0.0.1:P/a',
  'https://127.0.0.1:P#@github.invalid/a',
  'https://127.0.0.1:P\\@github.invalid/a',
  'https://github.invalid\\@127.0.0.1:P/a',
  'https://127。0。0。1:P/a',
  'https://①②⑦.⓪.⓪.①:P/a',
  'https://%31%32%37.0.0.1:P/a',
  'https://github.invalid%00@127.0.0.1:P/a',
  'https://localhost:P/$(touch E)',
  'https://localhost:P/`touch E`',
  'https://localhost:P/a;touch E',
  'https://localhost:P/a\nhttps://127.0.0.1:P/b',
  'http://127.0.0.1:P/a',
  'git://127.0.0.1:P/a',
  'ssh://127.0.0.1:P/a',
  'ssh://-oProxyCommand=touch%20E/a',
  'git@127.0.0.1:a',
  'ftp://127.0.0.1:P/a',
  'gopher://127.0.0.1:P/a',
  'file:///etc',
  '/etc',
  'ext::sh -c touch% E',
  'fd::17/a',
  'https::https://127.0.0.1:P/a',
  '--upload-pack=touch E',
  '-c core.sshCommand=touch E',
  '--config=core.fsmonitor=touch E',
];

describe('an address of a repository', () => {
  test.concurrent.each(URLS)('%s leads nowhere', async (template) => {
    const url = template.replace(/:P\b/g, `:${port}`).replace(/\bE\b/g, evil());
    await expect(cloned(url)).rejects.toThrow(/could not be cloned/);
    expect(visits).toBe(0);
    expect(existsSync(evil())).toBe(false);
  });
});

const REFS = [
  '--upload-pack=touch E',
  '--exec=touch E',
  '-oProxyCommand=touch E',
  '-c',
  '--output=E',
  '$(touch E)',
  '`touch E`',
  ';touch E',
  '../../../etc/passwd',
  'HEAD:../../evil',
  'refs/heads/main:refs/../../evil',
  '@{-1}',
  'main^{/a}',
  'a b',
  'main\n--upload-pack=touch E',
  '',
];

/** `M mode inline path` of git fast-import, or the same blob again. */
const file = (path: string, content: string, mode = '100644'): string =>
  `M ${mode} inline ${path}\ndata ${Buffer.byteLength(content)}\n${content}\n`;

/** Trees as no honest client makes them. */
const TREES: [string, string, string, RegExp | undefined][] = [
  [
    'a configuration of git',
    '',
    file('.git/config', '[core]\n\tfsmonitor = touch E\n'),
    /could not be cloned/,
  ],
  ['a hook', '', file('.git/hooks/post-checkout', '#!/bin/sh\ntouch E\n', '100755'), /could not be cloned/],
  ['.GIT', '', file('.GIT/config', 'x'), /could not be cloned/],
  ['git~1', '', file('git~1/config', 'x'), /could not be cloned/],
  ['..', '', file('../evil', 'x'), /could not be cloned/],
  ['a link that is a folder, too', '', file('a', '/tmp', '120000') + file('A/evil', 'x'), undefined],
  ['server.json as a link', '', file('server.json', '/etc/passwd', '120000'), undefined],
  ['a link out', '', file('link', '../../../../../evil', '120000'), undefined],
  ['names that differ in case', '', file('Main.mjs', 'one') + file('main.mjs', 'two'), undefined],
  [
    'a filter',
    '',
    file('.gitattributes', '* filter=evil diff=evil merge=evil\n') +
      file('.gitconfig', '[filter "evil"]\n\tsmudge = touch E\n') +
      file('a', 'a'),
    undefined,
  ],
  [
    'a submodule with a command',
    '',
    file('.gitmodules', '[submodule "a"]\n\tpath = a\n\turl = ext::touch E\n\tupdate = !touch E\n') +
      `M 160000 ${'1'.repeat(40)} a\n`,
    /could not be cloned/,
  ],
  [
    'a submodule of this machine',
    '',
    file('.gitmodules', '[submodule "a"]\n\tpath = a\n\turl = https://127.0.0.1:P/a\n') +
      `M 160000 ${'1'.repeat(40)} a\n`,
    undefined,
  ],
  ['deep folders', '', file(`${'a/'.repeat(100)}a`, 'x'), /more than 32 deep/],
  [
    'many files',
    '',
    Array.from({ length: 10_001 }, (_, i) => file(`f${i}`, '')).join(''),
    /more than 10000 files/,
  ],
  [
    'one large file many times',
    `blob\nmark :1\ndata ${8 * 1024 * 1024}\n${'\0'.repeat(8 * 1024 * 1024)}\n`,
    Array.from({ length: 33 }, (_, i) => `M 100644 :1 f${i}\n`).join(''),
    /unpacks to more than 256 MiB/,
  ],
];

describe.skipIf(!hasGitServer)('a repository', () => {
  let server: GitServer;
  beforeAll(async () => {
    server = await startGitServer();
    await server.commit('refs', { 'a.txt': 'a' });
  });
  afterAll(() => server.close());

  test.each(REFS)('at “%s” does nothing else', async (template) => {
    const ref = template.replace(/\bE\b/g, evil());
    await cloned(server.url('refs'), ref, true).catch((error: Error) =>
      expect(error.message).toMatch(/could not be cloned/),
    );
    expect(existsSync(evil())).toBe(false);
    expect(visits).toBe(0);
  });

  test.each(TREES)('with %s', async (name, blobs, tree, refusal) => {
    const repo = name.replace(/\W+/g, '-');
    await server.commit(repo, {});
    const text = `${blobs}commit refs/heads/evil\ncommitter T <t@example.org> 0 +0000\ndata 1\nx\n${tree
      .replace(/touch E/g, `touch ${evil()}`)
      .replace(':P', `:${port}`)}`;
    const child = spawn(
      'git',
      ['-C', join(server.base, `${repo}.git`), 'fast-import', '--quiet', '--force'],
      {
        stdio: ['pipe', 'ignore', 'ignore'],
      },
    );
    child.stdin.on('error', () => undefined).end(fixLengths(text));
    const [code] = (await once(child, 'close')) as [number];
    // Newer versions do not even make it.
    if (code !== 0) return expect(refusal).toBeDefined();
    const attempt = cloned(server.url(repo), 'evil', true);
    if (refusal === undefined) {
      const folder = await attempt;
      for (const entry of await readdir(folder, { recursive: true, withFileTypes: true }))
        expect(entry.isSymbolicLink(), entry.name).toBe(false);
      expect(await readdir(folder)).not.toContain('.git');
    } else await expect(attempt).rejects.toThrow(refusal);
    expect(existsSync(evil())).toBe(false);
    expect(visits).toBe(0);
    expect(existsSync(join(base, 'evil'))).toBe(false);
  });
});

/** Lengths of inline files after words in them were replaced. */
const fixLengths = (text: string): string =>
  text.replace(
    /(M \d+ inline [^\n]+\n)data \d+\n([\s\S]*?)\n(?=M |$)/g,
    (_all, head: string, content: string) => `${head}data ${Buffer.byteLength(content)}\n${content}\n`,
  );

const ZIPS: [string, ZipEntry[]][] = [
  ['..', [{ name: '../evil' }]],
  ['../..', [{ name: 'a/../../evil' }]],
  ['. and ..', [{ name: './.././evil' }]],
  ['an absolute path', [{ name: '/tmp/evil' }]],
  ['two slashes', [{ name: '//tmp/evil' }]],
  ['a drive', [{ name: 'C:\\evil' }]],
  ['a share', [{ name: '\\\\host\\evil' }]],
  ['backslashes', [{ name: '..\\..\\evil' }]],
  ['both', [{ name: 'a\\..\\../../evil' }]],
  ['a NUL', [{ name: 'a\0/../evil' }]],
  ['a link', [{ name: 'l', content: '/etc/passwd', mode: 0o120777 }]],
  ['a link as server.json', [{ name: 'server.json', content: '/etc/passwd', mode: 0o120777 }]],
  [
    'a file through a link',
    [
      { name: 'l', content: tmpdir(), mode: 0o120777 },
      { name: 'l/evil', content: 'x' },
    ],
  ],
  [
    'a file as a folder',
    [
      { name: 'a', content: 'x' },
      { name: 'a/evil', content: 'x' },
    ],
  ],
  ['one name twice', [{ name: 'a' }, { name: 'a' }]],
  ['a long name', [{ name: 'a'.repeat(5000) }]],
  ['deep folders', [{ name: `${'a/'.repeat(2000)}a` }]],
  ['many folders', Array.from({ length: 1000 }, (_, i) => ({ name: `${i}/${'a/'.repeat(20)}a` }))],
  ['a size that is a lie', [{ name: 'a', content: Buffer.alloc(8 * 1024 * 1024), claimedSize: 10 }]],
  ['a size beyond all', [{ name: 'a', content: 'x', claimedSize: 0xffff_fff0 }]],
];

describe('a zip', () => {
  test.each(ZIPS)('with %s is refused, with nothing beside its folder', async (_what, entries) => {
    const place = await mkdtemp(join(base, 'zip-'));
    await writeFile(join(place, 'archive.zip'), zip(entries));
    await expect(unpack(join(place, 'archive.zip'), join(place, 'inside', 'folder'))).rejects.toThrow();
    for (const folder of [place, join(place, 'inside')])
      for (const name of await readdir(folder).catch(() => []))
        expect(['archive.zip', 'inside', 'folder']).toContain(name);
    expect(existsSync(join(tmpdir(), 'evil'))).toBe(false);
  });

  test('with rights of the superuser, a device or a pipe has plain files', async () => {
    const place = await mkdtemp(join(base, 'zip-'));
    const modes = { setuid: 0o104755, setgid: 0o102755, device: 0o060666, pipe: 0o010666, socket: 0o140777 };
    const entries = Object.entries(modes).map(([name, mode]) => ({ name, mode, content: 'x' }));
    await writeFile(join(place, 'archive.zip'), zip(entries));
    await unpack(join(place, 'archive.zip'), join(place, 'folder'));
    for (const name of Object.keys(modes)) {
      const stats = await stat(join(place, 'folder', name));
      expect(stats.isFile()).toBe(true);
      expect(stats.mode & 0o7000).toBe(0);
    }
  });
});

describe('through the API', () => {
  let service: TestService;
  beforeAll(async () => {
    service = await startService();
  });
  afterAll(async () => {
    await removePrograms();
    await service.close();
  });
  const serverJson = { name: 'Program', type: 'node', executable: 'main.mjs' };
  const register = (source: object, status = 201) =>
    service.call<NodeServer>('POST', '/api/node-servers', { body: { serverJson, source }, status });

  test.each(REFS)('a branch “%s” is refused', async (ref) => {
    await register({ git: 'https://127.0.0.1/a', ref }, 400);
  });

  test.each(['http://a.example/a', 'ssh://a.example/a', 'file:///etc', 'ext::sh', '--upload-pack=x', '/etc'])(
    'an address %s is refused',
    async (git) => {
      await register({ git }, 400);
    },
  );

  test('a tar is refused, and the user is told what is taken', async () => {
    const tar = Buffer.alloc(10_240);
    tar.write('main.mjs');
    tar.write('ustar', 257);
    const form = new FormData();
    form.set('archive', new Blob([new Uint8Array(tar)]), 'program.tar');
    form.set('request', JSON.stringify({ serverJson }));
    const response = await service.fetch('/api/node-servers', { method: 'POST', body: form });
    if (response.status !== 201) {
      expect(response.status).toBe(400);
      return;
    }
    const { id } = (await response.json()) as NodeServer;
    const { stateReason } = await untilNodeServer(service, id, ({ state }) => state === 'crashed');
    expect(stateReason).toMatch(/^The zip cannot be used: it is not a zip archive/);
  });

  test('a folder with links leads nowhere, and a link to the data folder is the data folder', async () => {
    const folder = await mkdtemp(join(base, 'folder-'));
    await writeFile(join(folder, 'main.mjs'), TINY_WORKER);
    await mkdir(join(folder, 'lib'));
    await writeFile(join(folder, 'lib', 'a.txt'), 'a');
    await symlink('lib/a.txt', join(folder, 'inside'));
    await symlink(join(service.dataDir, 'secret.key'), join(folder, 'server.json'));
    await symlink('../../../../../../etc/passwd', join(folder, 'out'));
    await symlink('/', join(folder, 'root'));
    const { id } = await register({ folder });
    await untilNodeServer(service, id, ({ state }) => state === 'connected');
    const program = join(service.dataDir, 'workers', id, 'releases', '1', 'nodeserver');
    expect((await readdir(program)).sort()).toEqual(['inside', 'lib', 'main.mjs']);
    await service.call('POST', `/api/node-servers/${id}/stop`, { status: 202 });

    const link = join(base, 'link-to-data');
    await symlink(service.dataDir, link);
    for (const source of [link, join(link, 'workers'), join(folder, 'root')]) {
      const { id: refused } = await register({ folder: source });
      const { stateReason } = await untilNodeServer(service, refused, ({ state }) => state === 'crashed');
      expect(stateReason).toContain('it is the service’s own data folder');
    }
    // An update reads the server.json that it finds.
    await service.call('POST', `/api/node-servers/${id}/update`, { body: {}, status: 202 });
    const { installation } = await untilNodeServer(
      service,
      id,
      (now) => now.installation?.state === 'failed',
    );
    expect(installation?.reason).toMatch(/server\.json/);
    expect(JSON.stringify(installation)).not.toContain(
      (await readFile(join(service.dataDir, 'secret.key'), 'utf8')).slice(0, 8),
    );
  });
});

test('there are at least 60 payloads', () => {
  expect(URLS.length + REFS.length + TREES.length + ZIPS.length).toBeGreaterThanOrEqual(60);
});
