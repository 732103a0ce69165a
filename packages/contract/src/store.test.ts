import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { Catalogue, catalogueJsonSchema } from './store.js';

const docs = (name: string): string =>
  readFileSync(new URL(`../../../docs/${name}`, import.meta.url), 'utf8');

test('the published JSON Schema is up to date (else: node scripts/catalogue-schema.mjs)', () => {
  expect(JSON.parse(docs('catalogue.schema.json'))).toEqual(
    JSON.parse(JSON.stringify(catalogueJsonSchema())),
  );
});

test('the example of the documentation is a catalogue', () => {
  const [, example = ''] = /```json\n([\s\S]*?)```/.exec(docs('catalogue.md')) ?? [];
  expect(Catalogue.safeParse(JSON.parse(example)).error).toBeUndefined();
});
