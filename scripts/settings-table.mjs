// Writes the README's table of settings anew from `Settings` in apps/server/src/config.ts:
// `node scripts/settings-table.mjs`. A test says when that was forgotten.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build, checkNode, installPackages, ROOT } from './lib/setup.mjs';

const BEGIN = '<!-- settings: begin (node scripts/settings-table.mjs) -->';
const END = '<!-- settings: end -->';
export const README = join(ROOT, 'README.md');

/** `readme` with the table between its markers made from `settings`, a zod object. */
export function withSettings(readme, settings) {
  const from = readme.indexOf(BEGIN);
  const to = readme.indexOf(END);
  if (from < 0 || to < from) throw new Error(`README.md lacks “${BEGIN}” … “${END}”`);
  return `${readme.slice(0, from)}${BEGIN}\n\n${tableOf(settings)}\n\n${readme.slice(to)}`;
}

function tableOf(settings) {
  const rows = Object.entries(settings.shape).map(([name, schema]) => {
    const { data } = schema.safeParse(undefined);
    return `| \`${name}\` | ${data === undefined ? '' : `\`${data}\``} | ${cell(schema.description ?? '')} |`;
  });
  return ['| variable | default | what it is |', '| --- | --- | --- |', ...rows].join('\n');
}

const cell = (text) => text.replaceAll('|', '\\|');

if (process.argv[1] === new URL(import.meta.url).pathname) {
  checkNode();
  installPackages();
  build();
  const { Settings } = await import('../apps/server/dist/config.js');
  writeFileSync(README, withSettings(readFileSync(README, 'utf8'), Settings));
}
