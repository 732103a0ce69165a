import { expect, test } from 'vitest';
import { safeNext } from './next';

test.each([
  [undefined, '/'],
  ['', '/'],
  ['/node-servers?state=crashed#x', '/node-servers?state=crashed#x'],
  ['//evil.example/', '/'],
  ['/\\evil.example', '/'],
  ['https://evil.example/', '/'],
  ['javascript:alert(1)', '/'],
  ['/sign-in?next=/', '/'],
  ['/api/oauth/start?nodeServer=1&notice=auth', '/api/oauth/start?nodeServer=1&notice=auth'],
])('%s leads to %s', (next, expected) => {
  expect(safeNext(next)).toBe(expected);
});
