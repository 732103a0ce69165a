import { expect, test } from 'vitest';

test('a password is stored as OWASP wants it, which the other tests do without', async () => {
  // As nobody has changed it: `testing/service.ts` makes it cheap.
  const fresh = './passwords.ts?fresh';
  const { hashPassword, checkPassword } = (await import(fresh)) as typeof import('./passwords.js');
  const stored = await hashPassword('correct horse battery');
  expect(stored).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
  expect(await checkPassword(stored, 'correct horse battery')).toBe(true);
  expect(await checkPassword(stored, 'correct horse batterz')).toBe(false);
});
