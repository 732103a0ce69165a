import { execFile } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const run = promisify(execFile);
const DOCUMENT = new URL('../../../../../../docs/monitors-http.md', import.meta.url);

const SECRET = 'sécret';
const BODY = '{"Document":"ä"}';
const NOW = 1_800_000_000;
const signature = (timestamp: number): string =>
  `sha256=${createHmac('sha256', SECRET).update(`${timestamp}.${BODY}`).digest('hex')}`;

/** Headers and body, and whether they are to be believed. */
const CASES: [headers: Record<string, string>, body: string, believed: boolean][] = [
  [{ 'x-polyrelay-timestamp': String(NOW), 'x-polyrelay-signature': signature(NOW) }, BODY, true],
  [{ 'x-polyrelay-timestamp': String(NOW), 'x-polyrelay-signature': signature(NOW) }, `${BODY} `, false],
  [{ 'x-polyrelay-timestamp': String(NOW - 1), 'x-polyrelay-signature': signature(NOW) }, BODY, false],
  [
    { 'x-polyrelay-timestamp': String(NOW - 400), 'x-polyrelay-signature': signature(NOW - 400) },
    BODY,
    false,
  ],
  [{ 'x-polyrelay-timestamp': 'x', 'x-polyrelay-signature': signature(NOW) }, BODY, false],
  [{ 'x-polyrelay-timestamp': String(NOW), 'x-polyrelay-signature': 'sha256=' }, BODY, false],
  [{}, BODY, false],
];

const exampleOf = async (language: string): Promise<string> => {
  const found = new RegExp(`\`\`\`${language}\n(.*?)\`\`\``, 's').exec(await readFile(DOCUMENT, 'utf8'))?.[1];
  if (found === undefined) throw new Error(`the document has no example in ${language}`);
  return found;
};

test.each([
  [
    'js',
    process.execPath,
    ['--input-type=module', '-e'],
    `for (const [headers, body, believed] of CASES)
       if (isFromPolyrelay(headers, Buffer.from(body), SECRET, NOW) !== believed) process.exit(1);`,
  ],
  [
    'python',
    'python3',
    ['-c'],
    `for headers, body, believed in CASES:
    assert is_from_polyrelay(headers, body.encode(), SECRET, NOW) is believed, headers`,
  ],
])(
  'the documented check in %s believes what is signed, and nothing else',
  async (language, program, args, check) => {
    const cases = JSON.stringify(CASES);
    const values =
      language === 'js'
        ? `const CASES = ${cases}; const SECRET = ${JSON.stringify(SECRET)}; const NOW = ${NOW};`
        : `import json\nCASES = json.loads(${JSON.stringify(cases)})\nSECRET = ${JSON.stringify(SECRET)}\nNOW = ${NOW}`;
    await expect(
      run(program, [...args, `${await exampleOf(language)}\n${values}\n${check}`]),
    ).resolves.toBeDefined();
  },
);
