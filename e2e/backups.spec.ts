import { readFile } from 'node:fs/promises';
import { AxeBuilder } from '@axe-core/playwright';
import { expect, test } from '@playwright/test';
import { setUp } from './lib/flow.js';
import { startService } from './lib/service.js';

test('a backup is made, downloaded and deleted on its page', async ({ page }) => {
  const service = await startService();
  try {
    await setUp(page, service.setupLink());
    await page.goto(`${service.url}/settings/backups`);
    await expect(page.getByText('Backups are not encrypted')).toBeVisible();
    await expect(page.getByRole('heading', { name: 'No backups yet' })).toBeVisible();
    await page.getByRole('button', { name: 'Back up now' }).click();
    const row = page.getByRole('list', { name: 'Backups' }).getByRole('listitem');
    const link = row.getByRole('link', { name: /^Download the backup of/ });
    await expect(link).toBeVisible();
    await expect(page.getByRole('region', { name: 'restore command' })).toContainText(
      /npm start -- --restore polyrelay-.*\.zip/,
    );

    await page.setViewportSize({ width: 360, height: 740 });
    expect((await new AxeBuilder({ page }).setLegacyMode().analyze()).violations).toEqual([]);
    const overflow = 'document.documentElement.scrollWidth - document.documentElement.clientWidth';
    expect(await page.evaluate(overflow)).toBeLessThanOrEqual(0);

    const [download] = await Promise.all([page.waitForEvent('download'), link.click()]);
    expect(download.suggestedFilename()).toMatch(/^polyrelay-.*\.zip$/);
    expect((await readFile(await download.path())).subarray(0, 2).toString()).toBe('PK');

    await row.getByRole('button', { name: /^Delete the backup of/ }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
    await expect(page.getByRole('heading', { name: 'No backups yet' })).toBeVisible();
  } finally {
    await service.stop();
  }
});
