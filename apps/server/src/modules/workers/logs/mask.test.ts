import { describe, expect, test } from 'vitest';
import { maskerOf, maskSecrets } from './mask.js';

describe('what opens an account does not stay in a log', () => {
  test.each([
    [
      "MQTT Received Message: prod/ns/w: {'oauth': {'code': '4/0Ab_c-d', 'state': 'w'}}",
      "MQTT Received Message: prod/ns/w: {'oauth': {'code': '…', 'state': 'w'}}",
    ],
    [
      'Sent Message: [prod/ns] : {"customdata": {"access_token": "a\'b", "refresh_token": "c", "expires_in": 60}}',
      'Sent Message: [prod/ns] : {"customdata": {"access_token": "…", "refresh_token": "…", "expires_in": 60}}',
    ],
    [
      "{'isyPassword': '', 'oauth': {'clientId': 'id', 'clientSecret': 's3cret'}, 'name': 'x'}",
      "{'isyPassword': '', 'oauth': {'clientId': 'id', 'clientSecret': '…'}, 'name': 'x'}",
    ],
    ['{"message":"got {\\"token\\": \\"abc\\"}"}', '{"message":"got {\\"token\\": \\"…\\"}"}'],
    ["… 'refresh_token': 'cut off by the length of a li", "… 'refresh_token': '…"],
    [
      'GET /api/oauth/callback?code=abc&state=def HTTP/1.1',
      'GET /api/oauth/callback?code=…&state=def HTTP/1.1',
    ],
    ['https://h/webhooks/0123456789abcdefABCDEF_-01234567/ns/w', 'https://h/webhooks/…/ns/w'],
    ['http://h/api/sys/nsgetioturl?params=eyJhIjoxfQ', 'http://h/api/sys/nsgetioturl?params=…'],
    ["{'authorization': 'Bearer abc.def-ghi'}", "{'authorization': 'Bearer …'}"],
  ])('%s', (line, masked) => {
    expect(maskSecrets(line)).toBe(masked);
  });

  test.each([
    'Updating Driver light1 - GV1: 8 uom: 56',
    'The token has expired, signing in again',
    '{"error": {"code": "ECONNREFUSED"}}',
    "KeyError: 'access_token'",
    'https://host/list?params=all',
    "{'token': 5, 'password': None, 'secret': ''}",
  ])('stays as it is: %s', (line) => {
    expect(maskSecrets(line)).toBe(line);
  });

  test('takes no longer for a line made to be slow', () => {
    const begin = process.cpuUsage();
    for (const piece of ['\\', '"', '"token', "'a_token':'", '"token":"', '?code='])
      maskSecrets(`oauth ${piece.repeat(16_384 / piece.length)}`);
    expect(process.cpuUsage(begin).user / 1000).toBeLessThan(1000);
  });
});

describe('values that are known to be secret', () => {
  const CANARY = 'can"ary/+one=\\two';
  const mask = maskerOf([CANARY, 'canary-plain-1', 'canary-plain-1-and-more']);

  test.each([
    ['Signing in with canary-plain-1', 'Signing in with …'],
    ['canary-plain-1-and-more, canary-plain-1', '…, …'],
    [`as it is: ${CANARY}.`, 'as it is: ….'],
    [`in JSON: ${JSON.stringify({ value: CANARY })}`, 'in JSON: {"value":"…"}'],
    [`in an address: http://h/?x=${encodeURIComponent(CANARY)}&y=1`, 'in an address: http://h/?x=…&y=1'],
    ["{'refresh_token': 'unknown-yet'} canary-plain-1", "{'refresh_token': '…'} …"],
    ['canary is a bird', 'canary is a bird'],
  ])('%s', (line, masked) => {
    expect(mask(line)).toBe(masked);
  });
});
