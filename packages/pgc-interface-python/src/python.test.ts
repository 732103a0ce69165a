import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PYTHON_MISSING, pythonWithPaho } from '@polyrelay/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const HERE = fileURLToPath(new URL('..', import.meta.url));
const python = pythonWithPaho();
if (python === undefined) process.stderr.write(`${PYTHON_MISSING}\n`);

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'pr-wheel-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const run = (command: string, args: string[], env: Record<string, string> = {}) => {
  const { status, stdout, stderr } = spawnSync(command, args, {
    cwd: HERE,
    encoding: 'utf8',
    env: { ...process.env, PYTHONDONTWRITEBYTECODE: '1', ...env },
  });
  return { status, output: stdout + stderr };
};

describe.skipIf(python === undefined)('pgc_interface for Python', () => {
  const withPath = (first: string) => ({
    PYTHONPATH: [first, process.env.PYTHONPATH].filter(Boolean).join(':'),
  });

  test('its unit tests', () => {
    const { status, output } = run(
      python ?? '',
      ['-W', 'error', '-m', 'unittest', 'discover', '-s', 'tests'],
      withPath(join(HERE, 'src')),
    );
    expect(output).toMatch(/\nOK\n/);
    expect(status).toBe(0);
  });

  test('both builds make the same wheel, and pip takes it without a network', () => {
    const read = (wheel: string) => {
      const code = `import zipfile; z = zipfile.ZipFile('${wheel}'); print({n: z.read(n) for n in z.namelist()})`;
      return run(python ?? '', ['-c', code]).output;
    };
    const name = 'pgc_interface-2.0.0-py3-none-any.whl';
    const build = `import build_wheel; print(build_wheel.build_wheel('${folder}'), build_wheel.build_sdist('${folder}'))`;
    expect(run(python ?? '', ['-c', build]).output.trim()).toBe(`${name} pgc_interface-2.0.0.tar.gz`);
    expect(run(process.execPath, ['build.mjs']).status).toBe(0);
    expect(readdirSync(join(HERE, 'dist'))).toEqual([name]);
    const own = read(join(HERE, 'dist', name));
    expect(own).toContain('pgc_interface/interface.py');
    expect(own).toBe(read(join(folder, name)));

    const pip = [
      '-m',
      'pip',
      'install',
      '--no-index',
      '--no-deps',
      '--disable-pip-version-check',
      '--target',
    ];
    const { status, output } = run(python ?? '', [...pip, join(folder, 'site'), join(HERE, 'dist', name)]);
    expect(output).toMatch(/Successfully installed pgc[-_]interface-2\.0\.0/);
    expect(status).toBe(0);
    const asked = [
      '-c',
      "import importlib.metadata as m, pgc_interface as p; print(m.version('pgc_interface'), p.__version__)",
    ];
    const versions = run(python ?? '', asked, withPath(join(folder, 'site')));
    expect(versions.output).toContain('2.0.0 2.0.0');
  });
});
