import { InstallRequest } from '@polyrelay/contract';
import { expect, test } from 'vitest';
import { check } from '../../lib/form';
import { fieldOf, toRequest, valuesFor } from './values';

test('an untouched form asks for a copy in the lowest free slot, started', () => {
  const request = toRequest(valuesFor({ oauth: undefined }));
  expect(request).toEqual({ start: true });
  expect(check(InstallRequest, request)).toEqual({});
});

test('an entry that signs in asks for its provider, with what it knows of it', () => {
  const values = valuesFor({ oauth: { url: 'https://id.example.org/authorize?state=' } });
  expect(values).toMatchObject({ hasOAuth: true, oauthUrl: 'https://id.example.org/authorize?state=' });
  const errors = check(InstallRequest, toRequest(values));
  expect(Object.keys(errors).map(fieldOf)).toEqual(['clientId']);
});

test('development mode does not start it; slot and name are taken as they are meant', () => {
  const values = { ...valuesFor({ oauth: undefined }), development: true, slot: '7', name: ' Porch ' };
  expect(toRequest(values)).toEqual({ development: true, slot: 7, name: 'Porch' });
});
