import type { ServerResponse } from 'node:http';
import type { FastifyReply } from 'fastify';
import { DomainError } from '#core/errors.js';

/** How long a stream may go on after a sign-out. */
const CHECK_MS = 10_000;

/** Takes over a reply as a stream of server-sent events, with the headers the hooks have set so far. */
export function openStream(reply: FastifyReply): ServerResponse {
  reply.hijack();
  const headers = Object.fromEntries(
    Object.entries(reply.getHeaders()).filter(([, value]) => value !== undefined),
  );
  reply.raw.writeHead(200, {
    ...(headers as Record<string, string>),
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store',
    // nginx would hold events back.
    'x-accel-buffering': 'no',
  });
  reply.raw.write('retry: 1000\n\n');
  endWithSignIn(reply);
  return reply.raw;
}

/** A stream lasts for hours: it must not outlive the sign-in, token or user that it was opened with. */
function endWithSignIn({ request, raw }: FastifyReply): void {
  const end = (): void => {
    raw.end();
  };
  const check = setInterval(() => {
    request.identify().then(
      (principal) => {
        if (principal === undefined) end();
      },
      (error: unknown) => {
        // The database may be away for a moment; a token that is not valid any more is refused.
        if (error instanceof DomainError && error.kind === 'unauthenticated') end();
      },
    );
  }, CHECK_MS);
  raw.once('close', () => clearInterval(check));
}
