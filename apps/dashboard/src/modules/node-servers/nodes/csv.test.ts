import { expect, test } from 'vitest';
import { toCsv } from './csv';

test('two values share their moments', () => {
  const csv = toCsv([
    { label: 'Temperature, °C', times: [1000, 2000], values: [21.5, null] },
    { label: '=HYPERLINK("x")', times: [1000, 3000], values: [-4, 5] },
  ]);
  expect(csv.split('\r\n')).toEqual([
    'time,"Temperature, °C","\'=HYPERLINK(""x"")"',
    '1970-01-01T00:00:01.000Z,21.5,-4',
    '1970-01-01T00:00:02.000Z,,',
    '1970-01-01T00:00:03.000Z,,5',
  ]);
});
