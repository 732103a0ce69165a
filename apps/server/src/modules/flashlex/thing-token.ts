import { type KeyObject, verify as verifySignature } from 'node:crypto';
import { promisify } from 'node:util';
import { Id } from '@polyrelay/contract';
import type { FastifyInstance } from 'fastify';
import { decodeJwt, decodeProtectedHeader, type JWTPayload } from 'jose';
import { DomainError } from '#core/errors.js';
import { wrongTimes } from './clock.js';

/** In a thread of its own: the service has other work to do meanwhile. */
const verifyInThread = promisify(verifySignature);

/** A thing as its port knows it. */
export type ThingRef = NonNullable<Awaited<ReturnType<FastifyInstance['things']['refs']['byId']>>>;

/**
 * The newest token whose signature was found good, by the key. A thing sends one for some minutes: what does not
 * change is not computed again; what does, its times, is looked at each time.
 */
const verified = new WeakMap<KeyObject, Token>();

/** Seconds by which the clocks of a thing and of the service may differ. */
const TOLERANCE = 30;

const BEARER = /^Bearer +(\S+)\s*$/i;

/** Node's own decoder reads over what is no base64url. */
const COMPACT = /^[\w-]+\.[\w-]+\.[\w-]*$/;

/**
 * Finds the thing that sends a call by its token (FlashLex section 4): RS256 with the private key of the thing, which
 * names itself as `iss` and `aud`, and ends.
 * @param id from the path, not checked
 * @throws unauthenticated, with what is wrong; forbidden `thingDisabled`
 */
export async function verifyThing(
  app: FastifyInstance,
  id: string,
  authorization: string | undefined,
): Promise<ThingRef> {
  const text = bearerOf(authorization);
  const thing = Id.safeParse(id).success ? await app.things.refs.byId(id) : undefined;
  const token = await verify(text, thing?.publicKey);
  if (thing === undefined) throw foreign();
  return permit(thing, token);
}

/**
 * The same where nothing has to be waited for: the thing is at hand, and the token the one it sent last.
 * @returns undefined when it is not so
 */
export function verifyKnown(
  app: FastifyInstance,
  id: string,
  authorization: string | undefined,
): ThingRef | undefined {
  const thing = app.things.refs.kept(id);
  const token = thing && verified.get(thing.publicKey);
  return thing !== undefined && token?.text === bearerOf(authorization) ? permit(thing, token) : undefined;
}

/** @throws unauthenticated */
function bearerOf(authorization: string | undefined): string {
  const text = BEARER.exec(authorization ?? '')?.[1];
  if (text === undefined) throw malformed();
  return text;
}

/** Looks at what a token says whose signature is good. @throws unauthenticated; forbidden `thingDisabled` */
function permit(thing: ThingRef, { kid, claims }: Token): ThingRef {
  checkClaims(claims, thing.id);
  if (kid !== undefined && kid !== thing.id)
    throw refused('wrongKeyId', `The token’s “kid” names another key. It must be ${thing.id}.`);
  if (!thing.enabled)
    throw new DomainError(
      'forbidden',
      'thingDisabled',
      'This thing is disabled. Its owner can enable it on its page.',
    );
  return thing;
}

const refused = (code: string, message: string, cause?: unknown): DomainError =>
  new DomainError('unauthenticated', code, message, { cause });

/**
 * An unknown thing and a foreign key have the same words, so that nobody learns which ids exist. The other refusals
 * come after the signature, or before the thing was looked for.
 */
const foreign = (cause?: unknown): DomainError =>
  refused(
    'foreignToken',
    'This token is not signed with the private key of this thing, or there is no such thing. If its keys were rotated, download its distribution again.',
    cause,
  );

const malformed = (cause?: unknown): DomainError =>
  refused(
    'malformedToken',
    'Send the thing’s token as “Authorization: Bearer …”: a JSON Web Token, signed with its private key. An access token does not collect.',
    cause,
  );

/** A compact JWS, taken apart and not yet believed. */
interface Token {
  text: string;
  kid: unknown;
  claims: JWTPayload;
}

/** Takes a token apart (RFC 7515 section 5.2). RS256 alone, whatever its header asks for. */
function read(token: string): Token {
  const { alg, crit, kid } = decoded(() => decodeProtectedHeader(token));
  // “crit” names what must be understood, and nothing of it is (section 4.1.11).
  if (!COMPACT.test(token) || alg !== 'RS256' || crit !== undefined) throw malformed();
  return { text: token, kid, claims: decoded(() => decodeJwt(token)) };
}

/** @throws unauthenticated, with the same words for a foreign key and for none */
async function verify(text: string, publicKey: KeyObject | undefined): Promise<Token> {
  const known = publicKey && verified.get(publicKey);
  if (known?.text === text) return known;
  // What is wrong with its form is said whether there is a key or not.
  const token = read(text);
  const end = text.lastIndexOf('.');
  const signature = Buffer.from(text.slice(end + 1), 'base64url');
  if (publicKey === undefined) throw foreign();
  if (!(await verifyInThread('sha256', Buffer.from(text.slice(0, end)), publicKey, signature)))
    throw foreign();
  verified.set(publicKey, token);
  return token;
}

function decoded<T>(decode: () => T): T {
  try {
    return decode();
  } catch (error) {
    throw malformed(error);
  }
}

/** RFC 7519 section 4.1. What it takes to get here is the thing's private key: the words may tell. */
function checkClaims(claims: JWTPayload, id: string): void {
  const { iss, aud, exp, nbf } = claims;
  const issuer = `urn:thing:${id}`;
  const audience = `urn:flashlex:${id}`;
  if (iss !== issuer) throw wrongClaim('wrongIssuer', 'iss', iss, issuer);
  if (!(Array.isArray(aud) ? aud : [aud]).includes(audience))
    throw wrongClaim('wrongAudience', 'aud', aud, audience);
  if (exp === undefined)
    throw refused('endlessToken', 'The token must end: give it an “exp”, such as in 6 minutes.');
  for (const claim of ['exp', 'nbf', 'iat'] as const) {
    const value = claims[claim];
    if (value !== undefined && typeof value !== 'number')
      throw refused('wrongClaim', `The token’s “${claim}” must be a number of seconds since 1970.`);
  }
  const now = Math.floor(Date.now() / 1000);
  if (exp <= now - TOLERANCE || (nbf !== undefined && nbf > now + TOLERANCE)) throw untimely(claims, now);
}

const wrongClaim = (code: string, claim: string, value: unknown, expected: string): DomainError =>
  refused(
    code,
    `The token’s “${claim}” ${value === undefined ? 'is missing' : 'is wrong'}: it must be ${expected}.`,
  );

function untimely({ exp = 0, nbf, iat }: JWTPayload, now: number): DomainError {
  return refused(exp <= now ? 'tokenExpired' : 'tokenNotYetValid', wrongTimes({ exp, nbf, iat }, now));
}
