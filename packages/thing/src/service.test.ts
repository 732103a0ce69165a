import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { unitText } from './cli/unit.js';
import { useThing } from './testing/setup.js';

const parts = useThing();
const execute = promisify(execFile);

test('the unit has absolute paths, a user, and starts again; systemd understands it', async () => {
  const { place, service } = parts;
  const handler = place.path('on message 100%.mjs');
  await writeFile(handler, '');
  const { code, out } = await place.run(['service', 'print', '--handler', handler, '--tries', '9']);
  expect(code).toBe(0);
  expect(out).toContain(`Description=Thing ${service.name}\n`);
  expect(out).toContain(
    `ExecStart="${process.execPath}" "${place.path('thing.mjs')}" "run" "--config" "${place.path('config.yml')}" "--data" "${place.path('data')}" "--keys" "${place.folder}" "--handler" "${handler.replace('%', '%%')}" "--tries" "9"\n`,
  );
  expect(out).toContain(`WorkingDirectory=${place.folder}\nUser=${userInfo().username}\nRestart=always\n`);
  expect(out).toContain('WantedBy=multi-user.target');
  const file = place.path('thing-test.service');
  await writeFile(file, out);
  if (existsSync('/usr/bin/systemd-analyze')) {
    // It also looks at the system's own units, so only what it says about this one counts.
    const { stdout, stderr } = await execute('systemd-analyze', ['verify', file]).catch((error) => error);
    expect(`${stdout}${stderr}`.split('\n').filter((line) => line.includes('thing-test'))).toEqual([]);
  }
});

test('characters that systemd would read are told to be themselves', () => {
  const text = unitText({
    name: 'a',
    node: '/n ode',
    script: '/a"b\\c.mjs',
    args: ['$HOME', '5%'],
    folder: '/50%',
    user: undefined,
  });
  expect(text).toContain(
    'ExecStart="/n ode" "/a\\"b\\\\c.mjs" "$$HOME" "5%%"\nWorkingDirectory=/50%%\nRestart',
  );
  expect(text).toContain('WantedBy=default.target');
});

test('installs and removes a unit of the user’s own', async () => {
  const { place, service } = parts;
  // The real one would start it here.
  const bin = place.path('bin');
  await mkdir(bin);
  await writeFile(`${bin}/systemctl`, `#!/bin/sh\necho "$@" >> ${place.path('calls')}\n`);
  await chmod(`${bin}/systemctl`, 0o755);
  const env = { PATH: `${bin}:${process.env.PATH}`, XDG_CONFIG_HOME: place.path('xdg') };
  const name = `thing-${service.name}.service`;
  const path = place.path(`xdg/systemd/user/${name}`);
  const installed = await place.run(['service', 'install', '--user'], { env });
  expect(installed).toMatchObject({
    code: 0,
    out: `${path} is installed and runs. Its log: journalctl --user -fu ${name}\n`,
  });
  expect(await readFile(path, 'utf8')).not.toContain('User=');
  expect(await place.run(['service', 'uninstall', '--user'], { env })).toMatchObject({
    code: 0,
    out: `${path} is removed. The data stays.\n`,
  });
  expect(existsSync(path)).toBe(false);
  expect((await readFile(place.path('calls'), 'utf8')).trim().split('\n')).toEqual([
    '--user daemon-reload',
    `--user enable ${name}`,
    `--user restart ${name}`,
    `--user disable --now ${name}`,
    '--user daemon-reload',
  ]);
});

test.each([[['service']], [['service', 'start']]])('%j is told what there is', async (args) => {
  expect(await parts.place.run(args)).toMatchObject({
    code: 64,
    err: expect.stringContaining('Say “service install”, “service uninstall” or “service print”'),
  });
});
