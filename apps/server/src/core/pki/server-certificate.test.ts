import { expect, test } from 'vitest';
import { ServerCertificate } from './server-certificate.js';

test('the certificate of TLS ports is made again after 300 days, and who shows it hears of that', async () => {
  const day = 86_400_000;
  let now = 0;
  let made = 0;
  const authority = {
    issueServer: async () => ({ certificate: `certificate ${++made}`, privateKey: '' }),
  };
  const kept = await ServerCertificate.make(authority, ['localhost'], () => now);
  const heard: string[] = [];
  kept.onRenewed(({ certificate }) => heard.push(certificate));

  now = 299 * day;
  await kept.renew();
  expect(heard).toEqual([]);

  now = 300 * day;
  await kept.renew();
  await kept.renew();
  expect(heard).toEqual(['certificate 2']);
  expect(kept.identity.certificate).toBe('certificate 2');
});
