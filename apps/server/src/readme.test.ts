import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { README, withSettings } from '../../../scripts/settings-table.mjs';
import { Settings } from './config.js';

test('the README’s table of settings is up to date (else: node scripts/settings-table.mjs)', () => {
  const readme = readFileSync(README, 'utf8');
  expect(withSettings(readme, Settings)).toBe(readme);
});

test('every setting is described', () => {
  for (const [name, schema] of Object.entries(Settings.shape))
    expect(schema.description, `${name} has no description`).toMatch(/\S/);
});
