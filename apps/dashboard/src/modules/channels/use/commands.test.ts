import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { commands, type Place } from './commands';

const place: Place = { url: 'http://localhost:8080', mqttHost: 'localhost', mqttPort: 8883 };
const channel = { id: 12, topic: "jo's garden/sensors" };

test.each(['curlRead', 'curlPost', 'receiver', 'mqttRead', 'mqttPost'] as const)(
  '%s is a shell script',
  (name) => {
    const script = commands[name](place, channel);
    expect(execFileSync('sh', ['-n'], { input: script }).toString()).toBe('');
    expect(script).toContain('$ACCESS_TOKEN"');
  },
);

test('the receiver is fetched from the service itself, then run', () => {
  const shell = `curl() { echo "curl $*"; }; node() { echo "$RECEIVER_KEY node $*"; }; ACCESS_TOKEN=key`;
  const script = `${shell}\n${commands.receiver(place, channel)}`;
  expect(execFileSync('sh', ['-c', script]).toString()).toBe(
    `curl -fsS -o receiver.mjs http://localhost:8080/api/receiver.mjs
key node receiver.mjs --url http://localhost:8080 --channel 12 --handler stdout
`,
  );
});

test('what is posted is a message', () => {
  // The shell puts the words together; curl is replaced by a print of its data.
  const script = `curl() { while [ "$1" != -d ]; do shift; done; printf %s "$2"; }\n${commands.curlPost(place, channel)}`;
  const posted = JSON.parse(execFileSync('sh', ['-c', script]).toString()) as Record<string, unknown>;
  expect(posted).toMatchObject({ ident: 'tracker-1', timestamp: expect.any(Number) });
});

test('what is read begins at the cursor', () => {
  const script = `curl() { while [ "$1" != --data-urlencode ]; do shift; done; printf %s "$2" >&2; exit 3; }
sleep() { exit; }
${commands.curlRead(place, channel).replace('{ sleep 5; continue; }', 'exit 0')}`;
  const read = execFileSync('sh', ['-c', `(${script}) 2>&1`]).toString();
  expect(JSON.parse(read.replace('data=', ''))).toEqual({ curr_key: 0, timeout: 30 });
});
