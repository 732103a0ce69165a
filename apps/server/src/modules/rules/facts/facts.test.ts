import { describe, expect, test } from 'vitest';
import { exactJson, parseExact } from './exact.js';
import { factOfMessage, factOfValue } from './fact.js';
import { mapped } from './mapped.js';

const AT = new Date('2026-11-21T20:00:00.250Z');
const ofThing = (json: string) =>
  factOfMessage({ id: 'm1', thingId: 't1', thingName: '12345678-pump', at: AT, json }).message;

describe('the digits of numbers', () => {
  test.each([
    '{"n":12345678901234567890}',
    '{"n":-0.12345678901234567891}',
    '{"n":1e400,"m":1E-400}',
    '{"list":[9007199254740993,"9007199254740993"]}',
    '{"text":"\\\\u00001 \\" 12345678901234567890","12345678901234567890":1}',
  ])('%s stays', (json) => {
    expect(exactJson(parseExact(json) as Record<string, unknown>)).toBe(json);
  });

  test('that a double holds are plain numbers', () => {
    expect(parseExact('[1.10,1e3,100000000000000000000,0.1,1763755200.123456,0.0000000000000000]')).toEqual([
      1.1, 1000, 1e20, 0.1, 1763755200.123456, 0,
    ]);
  });
});

describe('a message of a thing', () => {
  test('is named after the thing, and has the time it came at', () => {
    expect(ofThing('{"battery":{"level":5},"list":[1]}')).toEqual({
      ident: '12345678-pump',
      timestamp: AT.getTime() / 1000,
      'battery.level': 5,
      list: [1],
      'thing.id': 't1',
      'thing.name': '12345678-pump',
      'message.id': 'm1',
    });
    expect(ofThing('21.5')).toMatchObject({ ident: '12345678-pump', value: 21.5 });
  });

  test('may say both itself, as far as it is usable', () => {
    expect(ofThing('{"ident":"valve","timestamp":1700000000.5}')).toMatchObject({
      ident: 'valve',
      timestamp: 1700000000.5,
    });
    expect(ofThing('{"ident":89310410106543789301}').ident).toBe('89310410106543789301');
    for (const ident of ['"a/b"', '""', 'null', '{"a":1}', '[1]', '"#"'])
      expect(ofThing(`{"ident":${ident}}`).ident, ident).toBe('12345678-pump');
    for (const timestamp of ['"now"', '-1', '1e400', 'null', '{"a":1}'])
      expect(ofThing(`{"timestamp":${timestamp}}`).timestamp, timestamp).toBe(AT.getTime() / 1000);
  });

  test('whose names multiply is refused before it fills the memory', () => {
    const fields = Array.from({ length: 10_000 }, (_, i) => `"f${i}":1`).join(',');
    expect(() => ofThing(`{"${'x'.repeat(100_000)}":{${fields}}}`)).toThrow(RangeError);
  });

  test('has a number of many digits as its ident or time, too', () => {
    const rename = { serial: 'ident', taken: 'timestamp' };
    const message = ofThing('{"serial":89310410106543789301,"taken":1763755200.12345678901}');
    expect(mapped(message, { keep: [], rename })).toMatchObject({
      ident: '89310410106543789301',
      timestamp: 1763755200.1234567,
    });
    expect(exactJson(mapped(message, { keep: ['serial'], rename: { serial: 'id' } }))).toContain(
      '"id":89310410106543789301',
    );
  });
});

test('a value of a driver has the names of its node server and node', () => {
  const value = {
    nodeServerId: 's1',
    nodeServerName: 'Weather #1',
    address: 'n/1',
    nodeName: 'Garden',
    driver: 'ST',
    at: AT,
  };
  expect(factOfValue({ ...value, value: '21.50', uom: 4 }).message).toEqual({
    ident: 'Weather _1.n_1',
    timestamp: AT.getTime() / 1000,
    'driver.ST': 21.5,
    'driver.ST.uom': 4,
    'node.address': 'n/1',
    'node.name': 'Garden',
    'node_server.id': 's1',
    'node_server.name': 'Weather #1',
  });
  for (const text of ['', '007', '1e3', 'on', '0x10', '12345678901234567890'])
    expect(factOfValue({ ...value, value: text, uom: 4 }).message['driver.ST'], text).toBe(text);
});
