// Writes docs/catalogue.schema.json anew from `Catalogue` in packages/contract/src/store.ts:
// `node scripts/catalogue-schema.mjs`. A test says when that was forgotten.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build, checkNode, installPackages, ROOT, run } from './lib/setup.mjs';

checkNode();
installPackages();
build();
const { catalogueJsonSchema } = await import('../packages/contract/dist/index.js');
const path = join(ROOT, 'docs/catalogue.schema.json');
writeFileSync(path, JSON.stringify(catalogueJsonSchema()));
run('npx', ['biome', 'format', '--write', path], { message: 'The schema could not be formatted.' });
