import { spawnSync } from 'node:child_process';
import { constants, generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PACKAGE_FOLDER, pythons } from './pythons.js';

const found = pythons();
if (found.length === 0) process.stderr.write('skipped: no Python 3.9 or newer\n');

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'pr-flashlexiot-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const run = (command: string, args: string[], input = '', env: Record<string, string> = {}) => {
  const { status, stdout, stderr } = spawnSync(command, args, {
    cwd: PACKAGE_FOLDER,
    encoding: 'utf8',
    input,
    env: { ...process.env, PYTHONDONTWRITEBYTECODE: '1', PYTHONPATH: PACKAGE_FOLDER, ...env },
  });
  return { status, output: stdout + stderr };
};

const signed = (command: string, pem: string, messages: Buffer[]) => {
  const file = join(folder, 'key.pem');
  writeFileSync(file, pem);
  const lines = messages.map((message) => message.toString('base64')).join('\n');
  return run(command, ['tests/sign.py', file], lines).output;
};

describe.each(found)('flashlexiot on Python $version', ({ command }) => {
  test('its unit tests', () => {
    const { status, output } = run(command, ['-W', 'error', '-m', 'unittest', 'discover', '-s', 'tests']);
    expect(output).toMatch(/\nOK( \(skipped=\d+\))?\n/);
    expect(status).toBe(0);
  });

  test.each([
    [2048, 'pkcs1'],
    [2048, 'pkcs8'],
    [1032, 'pkcs1'],
    [3072, 'pkcs8'],
  ] as const)('signs as OpenSSL does: RSA %i, %s', (modulusLength, type) => {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength });
    const messages = Array.from({ length: 16 }, (_, length) => randomBytes(length * 7));
    const wanted = messages.map((message) =>
      sign('sha256', message, { key: privateKey, padding: constants.RSA_PKCS1_PADDING }).toString('base64'),
    );
    const pem = privateKey.export({ type, format: 'pem' }).toString();
    expect(signed(command, pem, messages).trim().split('\n')).toEqual(wanted);
  });

  test('a broken key is a problem with advice, however it is broken', () => {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const der = privateKey.export({ type: 'pkcs1', format: 'der' });
    const pem = (data: Buffer, label = 'RSA PRIVATE KEY') =>
      `-----BEGIN ${label}-----\n${data.toString('base64')}\n-----END ${label}-----\n`;
    const flipped = Buffer.from(der);
    // Inside the first prime: the signature would not fit, and give the key away.
    flipped[600] = (flipped[600] ?? 0) ^ 1;
    const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
    for (const broken of [
      '',
      pem(Buffer.alloc(0)),
      pem(der.subarray(0, 400)),
      pem(Buffer.concat([der, Buffer.from([0])])),
      pem(der, 'PRIVATE KEY'),
      pem(flipped),
      ec.export({ type: 'pkcs8', format: 'pem' }).toString(),
      privateKey.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'x' }).toString(),
    ])
      expect(signed(command, broken, [Buffer.from('x')])).toMatch(/^Problem The .* Rotate the keys/);
  });

  test('says exactly how to get paho-mqtt where it is missing', () => {
    // -S: without any installed package.
    const { status, output } = run(command, ['-S', '-m', 'flashlexiot', 'run']);
    expect(output).toMatch(/paho-mqtt is missing.*(pip install paho-mqtt|apt install python3-paho-mqtt)/);
    expect(status).toBe(1);
  });
});

describe.skipIf(found.length === 0)('the package', () => {
  const [{ command } = { command: 'python3' }] = found;

  test('pip takes it from its folder, without a network', () => {
    const site = join(folder, 'site');
    const args = [
      '-m',
      'pip',
      'install',
      '--no-index',
      '--no-deps',
      '--disable-pip-version-check',
      '--target',
      site,
    ];
    const { output, status } = run(command, [...args, PACKAGE_FOLDER]);
    expect(output).toMatch(/Successfully installed flashlexiot-/);
    expect(status).toBe(0);
    const code =
      'import flashlexiot.sdk, importlib.metadata as m; print(m.version("flashlexiot"), flashlexiot.__file__)';
    const asked = spawnSync(command, ['-c', code], {
      cwd: folder,
      encoding: 'utf8',
      env: { ...process.env, PYTHONPATH: site },
    });
    expect(asked.stdout.trim()).toBe(`0.1.0 ${site}/flashlexiot/__init__.py`);
  });

  test('its version is the same everywhere', () => {
    const read = (name: string) => readFileSync(join(PACKAGE_FOLDER, name), 'utf8');
    const { version } = JSON.parse(read('package.json')) as { version: string };
    expect(read('pyproject.toml')).toContain(`\nversion = "${version}"\n`);
    expect(read('flashlexiot/version.py')).toContain(`'${version}'`);
  });
});
