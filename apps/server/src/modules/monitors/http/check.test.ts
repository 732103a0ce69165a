import { MonitorSettings } from '@polyrelay/contract';
import { describe, expect, test } from 'vitest';
import type { DomainError } from '#core/errors.js';
import { checkName, transportProblems } from './check.js';

const settings = (given: object): MonitorSettings =>
  MonitorSettings.parse({
    topic: 'DeviceCore',
    transportType: 'http',
    transportUrl: 'https://8.8.8.8/events',
    ...given,
  });

const errorsOf = async (given: object, allowPrivate = false) => {
  const checked = settings(given);
  const problems = [...transportProblems(checked, allowPrivate)];
  if (problems.length > 0) return problems;
  return checkName(checked.transportUrl, allowPrivate).then(
    () => [],
    (error: DomainError) => error.errors,
  );
};

describe('an address', () => {
  test.each(['', 'events', 'ftp://example.org/', 'file:///etc/passwd', 'http://', 'javascript:1'])(
    '%j is none to send to',
    async (transportUrl) => {
      expect(await errorsOf({ transportUrl }, true)).toEqual([
        { path: 'transportUrl', message: expect.stringContaining('https://example.org/events') },
      ]);
    },
  );

  test.each(['https://anna@example.org/', 'https://anna:word@example.org/', 'https://:word@example.org/'])(
    '%j holds credentials',
    async (transportUrl) => {
      const [error] = (await errorsOf({ transportUrl }, true)) ?? [];
      expect(error?.message).toMatch(/transportToken/);
      expect(error?.message).not.toContain('word@');
    },
  );

  test.each([
    'http://127.0.0.1/',
    'http://localhost:8080/',
    'http://[::1]/',
    'http://[::ffff:7f00:1]/',
    'http://169.254.169.254/latest/meta-data',
    'http://10.1.2.3/',
    'http://0x7f000001/',
    'http://2130706433/',
    'http://0/',
  ])('%s is private', async (transportUrl) => {
    expect(await errorsOf({ transportUrl })).toEqual([
      { path: 'transportUrl', message: expect.stringContaining('ALLOW_PRIVATE_URLS') },
    ]);
    expect(await errorsOf({ transportUrl }, true)).toEqual([]);
  });

  test('one of the internet passes, and a name that is not known now', async () => {
    expect(await errorsOf({})).toEqual([]);
    // Longer than a name can be: no name server is asked.
    expect(await errorsOf({ transportUrl: `https://${'x'.repeat(64)}.invalid/` })).toEqual([]);
  });

  test('is of no concern for other transports', async () => {
    expect(await errorsOf({ transportType: 'tcp', transportUrl: '' })).toEqual([]);
  });
});

describe('a header', () => {
  test.each([
    'Host',
    'content-length',
    'AUTHORIZATION',
    'Connection',
    'TE',
    'Proxy-Authorization',
    'Upgrade',
    'X-Polyrelay-Block',
  ])('%s is refused', async (name) => {
    expect(await errorsOf({ transportHeaders: { [name]: '1' } })).toEqual([
      {
        path: `transportHeaders.${name}`,
        message: expect.stringContaining(name === 'AUTHORIZATION' ? 'transportToken' : name),
      },
    ]);
  });

  test('with letters that no header carries is refused, one of its own passes', async () => {
    expect(await errorsOf({ transportHeaders: { 'X-Source': 'Łódź' } })).toHaveLength(1);
    expect(
      await errorsOf({ transportHeaders: { 'X-Source': 'Köln', 'Content-Type': 'application/x' } }),
    ).toEqual([]);
  });
});
