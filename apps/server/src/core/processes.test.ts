import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { afterAll, expect, test } from 'vitest';
import { endProcess, isAlive } from './processes.js';

// Becomes a program that never asks for the exit code of the child it was given, as a careless init does.
const careless = spawn('sh', ['-c', 'sleep 60 & echo $!; exec sleep 60'], {
  stdio: ['ignore', 'pipe', 'ignore'],
});
afterAll(() => careless.kill('SIGKILL'));

test.runIf(process.platform === 'linux')(
  'a process that ended is not waited for because its parent has not noticed',
  async () => {
    const [line] = (await once(careless.stdout.setEncoding('utf8'), 'data')) as [string];
    const child = Number(line);
    await expect.poll(() => readFileSync(`/proc/${careless.pid}/cmdline`, 'utf8')).toMatch(/^sleep/);
    expect(isAlive(child)).toBe(true);
    await endProcess(child, ['SIGTERM'], 20_000);
    expect(isAlive(child)).toBe(false);
    expect(readFileSync(`/proc/${child}/stat`, 'utf8')).toContain(') Z ');
  },
);
