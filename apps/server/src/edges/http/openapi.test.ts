import { expect, test } from 'vitest';
import { startService } from '../../testing/service.js';

test('the document that the client is made from is this service’s; “vitest run -u” on this file renews it', async () => {
  const service = await startService();
  try {
    const document: unknown = await (await service.fetch('/api/openapi.json')).json();
    await expect(`${JSON.stringify(document, undefined, 2)}\n`).toMatchFileSnapshot(
      '../../../../../packages/api-client/openapi.json',
    );
  } finally {
    await service.close();
  }
});
