import { AxeBuilder } from '@axe-core/playwright';
import { expect, type Page } from '@playwright/test';

/** Screenshots of every page go here when it is set: to be looked at. */
export const SHOTS = process.env.SCREENSHOTS;

export const SIZES = { wide: { width: 1280, height: 800 }, phone: { width: 360, height: 740 } };

/** A page as it is now: accessible, and nothing to scroll sideways. */
export async function look(page: Page, name: string): Promise<void> {
  // A dialog hides what is behind it.
  await expect(page.getByRole('main').or(page.getByRole('dialog'))).toBeVisible();
  if (SHOTS !== undefined) await page.screenshot({ path: `${SHOTS}/${name}.png` });
  // A toast that fades in or out has less contrast for that moment.
  // Its old way needs no second page each time; that is for frames of other sites, of which there are none.
  const axe = new AxeBuilder({ page }).setLegacyMode().exclude('[data-sonner-toast]');
  const { violations } = await axe.analyze();
  const found = violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(' | ')}`);
  expect.soft(found, name).toEqual([]);
  const overflow = await page.evaluate(
    'document.documentElement.scrollWidth - document.documentElement.clientWidth',
  );
  expect.soft(overflow, `${name}: sideways scrolling`).toBeLessThanOrEqual(0);
}

/** The same in light and wide, then in dark and on a phone: together they see all colours and layouts. */
export async function lookBothWays(page: Page, name: string): Promise<void> {
  await look(page, `${name}-light-wide`);
  await page.emulateMedia({ colorScheme: 'dark', reducedMotion: 'reduce' });
  await page.setViewportSize(SIZES.phone);
  await look(page, `${name}-dark-phone`);
  await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' });
  await page.setViewportSize(SIZES.wide);
}
