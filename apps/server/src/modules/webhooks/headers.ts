import type { IncomingHttpHeaders } from 'node:http';
import type { FastifyReply, FastifyRequest } from 'fastify';

/** About one connection alone (RFC 9110 section 7.6.1), or said anew on the next one. */
const HOP = new Set([
  'connection',
  'content-length',
  'expect',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** What a proxy in front says of the caller; anybody may write it when there is none. */
const FROM_PROXY = /^(x-forwarded-.*|forwarded|x-real-ip)$/;

/**
 * Headers of a call as the worker gets them. `authorization` and signatures go along, for the worker checks them;
 * the dashboard's cookies do not.
 */
export function requestHeaders(request: FastifyRequest, trustProxy: boolean): Record<string, string> {
  const named = new Set((request.headers.connection ?? '').toLowerCase().split(/\s*,\s*/));
  const kept = Object.entries(request.headers).flatMap(([name, value]): [string, string][] =>
    value === undefined ||
    name === 'cookie' ||
    HOP.has(name) ||
    named.has(name) ||
    (FROM_PROXY.test(name) && !trustProxy)
      ? []
      : [[name, String(value)]],
  );
  const caller = {
    'x-forwarded-for': request.ip,
    'x-forwarded-proto': request.protocol,
    'x-forwarded-host': request.host,
  };
  return { ...caller, ...Object.fromEntries(kept) };
}

/** What an answer may say. Everything else is about the dashboard's origin (cookies, policies), or about where to go. */
const ANSWER = new Set([
  'accept-ranges',
  'age',
  'allow',
  'cache-control',
  'content-disposition',
  'content-encoding',
  'content-language',
  'content-range',
  'content-type',
  'date',
  'etag',
  'expires',
  'last-modified',
  'retry-after',
  'vary',
]);

/** The sender's own: `X-Hook-Secret`, `Webhook-Allowed-Rate`; and who may read it from a page elsewhere. */
const OWN = /^(x|webhook|access-control)-/;

/** Those of them that browsers, or a proxy in front, act upon (`X-Accel-Redirect` makes one send its files). */
const ACTED_UPON =
  /^x-(accel|sendfile|lighttpd|litespeed|reproxy|forwarded|proxy|frame-options|content-type|content-security|webkit|xss|dns-prefetch|permitted|download|ua-compatible|sourcemap)/;

/** The headers of an answer that may reach the caller. */
export const answerHeaders = (headers: IncomingHttpHeaders): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers).flatMap(([given, value]): [string, string][] => {
      const name = given.toLowerCase();
      const isAllowed = ANSWER.has(name) || (OWN.test(name) && !ACTED_UPON.test(name));
      return value === undefined || !isAllowed ? [] : [[name, String(value)]];
    }),
  );

/**
 * What a worker answers is another program's, on the dashboard's origin: a page of it runs no script, sends no form
 * and is nobody's frame, whatever its type.
 */
export function harden(reply: FastifyReply): FastifyReply {
  return reply.headers({
    'content-security-policy':
      "default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'none'; frame-ancestors 'none'; base-uri 'none'; sandbox",
    'x-content-type-options': 'nosniff',
    'cache-control': 'no-store',
  });
}
