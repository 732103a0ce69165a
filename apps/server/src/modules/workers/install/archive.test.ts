import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type ZipEntry, zip } from '../../../testing/zip.js';
import { unpack } from './archive.js';

let base: string;
beforeEach(async () => {
  base = await mkdtemp(join(tmpdir(), 'pr-zip-'));
});
afterEach(() => rm(base, { recursive: true, force: true }));

/** Unpacks into a folder of its own. @returns that folder */
async function unpacked(content: Buffer): Promise<string> {
  const archive = join(base, 'archive.zip');
  const folder = join(base, 'inside', 'folder');
  await writeFile(archive, content);
  await unpack(archive, folder);
  return folder;
}

const everything = async (folder: string): Promise<string[]> =>
  (await readdir(folder, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();

describe('a zip', () => {
  test('is unpacked with its folders and what may be run', async () => {
    const folder = await unpacked(
      zip([
        { name: 'server.json', content: '{}' },
        { name: 'lib/', mode: 0o040755 },
        { name: 'lib/deep/a.js', content: 'a' },
        { name: 'install.sh', content: '#!/bin/sh', mode: 0o100755 },
        { name: 'empty', content: '' },
      ]),
    );
    expect(await everything(folder)).toEqual(['empty', 'install.sh', 'lib/deep/a.js', 'server.json']);
    expect(await readFile(join(folder, 'lib/deep/a.js'), 'utf8')).toBe('a');
    expect((await stat(join(folder, 'install.sh'))).mode & 0o111).not.toBe(0);
    expect((await stat(join(folder, 'server.json'))).mode & 0o111).toBe(0);
  });

  test('with one folder around everything loses that folder', async () => {
    const folder = await unpacked(
      zip([
        { name: 'repo-main/', mode: 0o040755 },
        { name: 'repo-main/server.json', content: '{}' },
        { name: 'repo-main/lib/a.js', content: 'a' },
      ]),
    );
    expect(await everything(folder)).toEqual(['lib/a.js', 'server.json']);
  });
});

describe('a zip that is refused, with nothing written outside of its folder', () => {
  const slips: [string, ZipEntry[], RegExp][] = [
    ['..', [{ name: '../evil', content: 'x' }], /invalid relative path|leads out/],
    ['a/../..', [{ name: 'a/../../evil', content: 'x' }], /invalid relative path|leads out/],
    [
      '.. behind a common folder',
      [{ name: 'top/../../evil', content: 'x' }],
      /invalid relative path|leads out/,
    ],
    ['an absolute path', [{ name: '/tmp/polyrelay-evil', content: 'x' }], /absolute path|leads out/],
    ['a drive letter', [{ name: 'C:/evil', content: 'x' }], /absolute path/],
    ['backslashes', [{ name: '..\\..\\evil', content: 'x' }], /invalid|leads out/],
    ['a link', [{ name: 'link', content: '/etc/passwd', mode: 0o120777 }], /link is a link/],
    [
      'a file through a link',
      [
        { name: 'dir', content: '/tmp', mode: 0o120777 },
        { name: 'dir/polyrelay-evil', content: 'x' },
      ],
      /dir is a link/,
    ],
    ['one name twice', [{ name: 'a' }, { name: 'a', content: 'second' }], /EEXIST|twice/],
  ];
  test.each(slips)('%s', async (_what, entries, reason) => {
    await expect(unpacked(zip(entries))).rejects.toThrow(reason);
    const outside = (await everything(base)).filter((path) => !path.startsWith('inside/folder/'));
    expect(outside).toEqual(['archive.zip']);
  });

  test('more than 10,000 files', async () => {
    const many = Array.from({ length: 10_001 }, (_, i) => ({ name: `f${i}` }));
    await expect(unpacked(zip(many))).rejects.toThrow(/more than 10000 files/);
    expect(await everything(base)).toEqual(['archive.zip']);
  });

  test('a bomb that says how large it is', async () => {
    const megabyte = Buffer.alloc(1024 * 1024);
    const bomb = Array.from({ length: 257 }, (_, i) => ({ name: `b${i}`, content: megabyte }));
    await expect(unpacked(zip(bomb))).rejects.toThrow(/unpacks to more than 256 MiB/);
    expect(await everything(base)).toEqual(['archive.zip']);
  });

  test('a bomb that lies about its size', async () => {
    const content = Buffer.alloc(20 * 1024 * 1024);
    await expect(unpacked(zip([{ name: 'small', content, claimedSize: 100 }]))).rejects.toThrow(
      /too many bytes/,
    );
    const [written] = (await everything(join(base, 'inside'))).map((path) => join(base, 'inside', path));
    if (written !== undefined) expect((await stat(written)).size).toBeLessThan(1024 * 1024);
  });

  test.each([
    ['text', Buffer.from('this is not a zip')],
    ['nothing', Buffer.alloc(0)],
    ['half a zip', zip([{ name: 'a', content: 'x'.repeat(1000) }]).subarray(0, 30)],
    ['a zip with a broken middle', breakMiddle()],
  ])('%s', async (_what, content) => {
    await expect(unpacked(content)).rejects.toThrow();
  });
});

function breakMiddle(): Buffer {
  const whole = zip([{ name: 'a', content: 'abc'.repeat(1000) }]);
  whole.fill(0xff, 31, 45);
  return whole;
}
