import { type Monitor, MonitorChange, MonitorRequest } from '@polyrelay/contract';
import { expect, test } from 'vitest';
import { check } from '../../../lib/form';
import { type MonitorValues, monitorValues, requestOf, valuesErrors } from './values';

const typed = (some: Partial<MonitorValues>): MonitorValues => ({
  ...monitorValues(),
  topic: 'DeviceCore',
  ...some,
});

test('what a new monitor begins with is what the contract means where nothing is said', () => {
  const request = requestOf(typed({}));
  expect(MonitorRequest.parse(request)).toEqual(MonitorRequest.parse({ topic: 'DeviceCore' }));
});

test('fields of another transport are left as they are', () => {
  expect(requestOf(typed({ transportType: 'polling', batchSize: 'x' }))).not.toHaveProperty('batchSize');
  expect(requestOf(typed({ transportType: 'http' }))).not.toHaveProperty('ackOption');
  expect(requestOf(typed({ transportUrl: 'https://example.org' }))).not.toHaveProperty('transportUrl');
});

test('numbers are judged by the schema, also when none is written', () => {
  const errors = check(MonitorRequest, requestOf(typed({ batchSize: '', batchDuration: '1.5' })));
  expect(errors).toEqual({ batchSize: 'Write a number of events', batchDuration: 'Write whole seconds' });
});

test('a token that is kept stays, is replaced, or is removed', () => {
  const change = (some: Partial<MonitorValues>) =>
    MonitorChange.parse(
      requestOf(typed({ transportType: 'http', transportUrl: 'http://127.0.0.1', ...some })),
    );
  expect(change({})).not.toHaveProperty('transportToken');
  expect(change({ transportToken: 'jo:secret' }).transportToken).toBe('jo:secret');
  expect(change({ isTokenRemoved: true }).transportToken).toBeNull();
});

test('an HTTP monitor needs an address, and headers that are there once', () => {
  const http = { transportType: 'http', transportUrl: 'ftp://x', transportToken: 'jo' } as const;
  const headers = [
    { name: 'X-Source', value: '1' },
    { name: 'x-source', value: '2' },
    { name: '', value: '' },
  ];
  expect(Object.keys(valuesErrors(typed({ ...http, headers })))).toEqual([
    'transportUrl',
    'transportToken',
    'headers',
  ]);
  expect(valuesErrors(typed({ transportUrl: 'ftp://x' }))).toEqual({});
});

test('a monitor’s own settings come back as they were', () => {
  const settings = MonitorRequest.parse({
    topic: 'DataPoint[C]',
    description: 'Values',
    transportType: 'http',
    transportUrl: 'https://example.org/events',
    transportHeaders: { 'X-Source': 'home' },
    batchSize: 7,
    compression: 'zlib',
  });
  const { transportToken: _, ...kept } = settings;
  const monitor = { ...kept, hasTransportToken: true } as unknown as Monitor;
  expect(MonitorRequest.parse(requestOf(monitorValues(monitor)))).toEqual(settings);
});
