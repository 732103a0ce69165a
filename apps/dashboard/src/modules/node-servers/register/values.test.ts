import { expect, test } from 'vitest';
import { check } from '../../../lib/form';
import { newRow } from '../params/rows';
import { emptyValues, extraErrors, fieldOf, schemaFor, toRequest, type Values } from './values';

const json = JSON.stringify({ name: 'Nest', type: 'node', executable: 'main.js' });
const texts = { noArchive: 'no archive', badParams: 'bad params' };
const wrongIn = (values: Values) =>
  Object.keys({ ...check(schemaFor(values), toRequest(values)), ...extraErrors(values, texts) }).map(fieldOf);

test('a git source with all that is optional left out', () => {
  const values = { ...emptyValues, json, git: 'https://example.org/nest.git' };
  expect(toRequest(values)).toEqual({
    serverJson: JSON.parse(json),
    source: { git: 'https://example.org/nest.git' },
    start: true,
  });
  expect(wrongIn(values)).toEqual([]);
});

test('errors stand beside the field that was typed in', () => {
  expect(
    wrongIn({ ...emptyValues, json: '{}', git: 'ssh://x', hasOAuth: true, oauthUrl: 'https://p.example/' }),
  ).toEqual(expect.arrayContaining(['json', 'git', 'oauthUrl', 'clientId']));
});

test('each kind of source asks for its own', () => {
  expect(wrongIn({ ...emptyValues, json, sourceKind: 'folder' })).toEqual(['folder']);
  expect(wrongIn({ ...emptyValues, json, sourceKind: 'archive' })).toEqual(['archive']);
  expect(wrongIn({ ...emptyValues, json, sourceKind: 'local' })).toEqual([]);
});

test('who runs the worker themselves gets the local runtime', () => {
  expect(
    toRequest({ ...emptyValues, json, sourceKind: 'local', slot: '7', params: [newRow('a', '1')] }),
  ).toMatchObject({ runtime: 'local', slot: 7, customParams: { a: '1' } });
});

test('broken parameters are an error of their own', () => {
  expect(wrongIn({ ...emptyValues, json, sourceKind: 'local', params: [newRow('a', '{', true)] })).toEqual([
    'params',
  ]);
});

test('a runtime and limits are named only where they were chosen', () => {
  const chosen: Values = { ...emptyValues, json, git: 'https://example.org/nest.git', runtime: 'process' };
  expect(toRequest(chosen)).not.toHaveProperty('limits');
  expect(toRequest({ ...chosen, memoryMb: '256' })).toMatchObject({
    runtime: 'process',
    limits: { memoryMb: 256 },
  });
  expect(wrongIn({ ...chosen, memoryMb: '1', cpus: 'two' })).toEqual(['memoryMb', 'cpus']);
});
