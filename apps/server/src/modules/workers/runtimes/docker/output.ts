import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import { readLines } from '../lines.js';
import type { OnLine } from '../types.js';

/** `[stream, 0, 0, 0, length in 4 bytes]` before each piece of output (Docker Engine API, “Attach to a container”). */
const HEADER_BYTES = 8;

/** As the header numbers them; 0 would be its input. */
const STREAMS = [undefined, 'stdout', 'stderr'] as const;

/**
 * Hands a container's output on by line. Resolves when all of it has been.
 * The client's own demultiplexer calls itself for each piece: thousands of small ones in one read end the service.
 */
export async function readOutput(output: AsyncIterable<Buffer>, onLine: OnLine): Promise<void> {
  const lines = { stdout: lineReader('stdout', onLine), stderr: lineReader('stderr', onLine) };
  try {
    for await (const [stream, piece] of pieces(output)) {
      if (!lines[stream].input.write(piece)) await once(lines[stream].input, 'drain');
    }
  } catch {
    // The connection broke: what was read counts.
  }
  await Promise.all(
    Object.values(lines).map(({ input, ended }) => {
      input.end();
      return ended;
    }),
  );
}

function lineReader(stream: 'stdout' | 'stderr', onLine: OnLine) {
  const input = new PassThrough();
  const ended = once(input, 'close');
  readLines(input, (text) => onLine(stream, text));
  return { input, ended };
}

async function* pieces(output: AsyncIterable<Buffer>): AsyncGenerator<['stdout' | 'stderr', Buffer]> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of output) {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    let at = 0;
    while (rest.length - at >= HEADER_BYTES) {
      const end = at + HEADER_BYTES + rest.readUInt32BE(at + 4);
      if (end > rest.length) break;
      const stream = STREAMS[rest[at] as 0 | 1 | 2];
      if (stream !== undefined) yield [stream, rest.subarray(at + HEADER_BYTES, end)];
      at = end;
    }
    rest = rest.subarray(at);
  }
}
