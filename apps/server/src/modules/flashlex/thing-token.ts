import { Id } from '@polyrelay/contract';
import type { FastifyInstance } from 'fastify';
import { errors, type JWTPayload, jwtVerify } from 'jose';
import { DomainError } from '#core/errors.js';
import { wrongTimes } from './clock.js';

/** A thing as its port knows it. */
export type ThingRef = NonNullable<Awaited<ReturnType<FastifyInstance['things']['refs']['byId']>>>;

/** Seconds by which the clocks of a thing and of the service may differ. */
const TOLERANCE = 30;

const BEARER = /^Bearer +(\S+)\s*$/i;

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
  const token = BEARER.exec(authorization ?? '')?.[1];
  if (token === undefined) throw malformed();
  const thing = Id.safeParse(id).success ? await app.things.refs.byId(id) : undefined;
  if (thing === undefined) throw foreign();
  const { protectedHeader } = await jwtVerify(token, thing.publicKey, {
    algorithms: ['RS256'],
    issuer: `urn:thing:${thing.id}`,
    audience: `urn:flashlex:${thing.id}`,
    requiredClaims: ['exp'],
    clockTolerance: TOLERANCE,
  }).catch((error: unknown) => {
    throw refusalOf(error, thing.id);
  });
  const { kid } = protectedHeader;
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
 * come after the signature, or are the same whatever the thing.
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

/** What jose found, in words that help. */
function refusalOf(error: unknown, id: string): unknown {
  if (error instanceof errors.JWTExpired) return untimely(error.payload, error);
  if (error instanceof errors.JWTClaimValidationFailed) return wrongClaim(error, id);
  if (error instanceof errors.JWSSignatureVerificationFailed) return foreign(error);
  if (error instanceof errors.JOSEError) return malformed(error);
  return error;
}

/** The same for a known thing and another one: what it takes to get here is its private key. */
function wrongClaim(error: errors.JWTClaimValidationFailed, id: string): DomainError {
  const { claim, reason, payload } = error;
  const must: Record<string, string> = { iss: `urn:thing:${id}`, aud: `urn:flashlex:${id}` };
  if (claim === 'nbf' && reason === 'check_failed') return untimely(payload, error);
  if (claim === 'exp' && reason === 'missing')
    return refused('endlessToken', 'The token must end: give it an “exp”, such as in 6 minutes.', error);
  const expected = must[claim];
  if (expected === undefined)
    return refused('wrongClaim', `The token’s “${claim}” must be a number of seconds since 1970.`, error);
  return refused(
    claim === 'iss' ? 'wrongIssuer' : 'wrongAudience',
    `The token’s “${claim}” ${reason === 'missing' ? 'is missing' : 'is wrong'}: it must be ${expected}.`,
    error,
  );
}

function untimely({ exp = 0, nbf, iat }: JWTPayload, cause: unknown): DomainError {
  const now = Math.floor(Date.now() / 1000);
  return refused(exp <= now ? 'tokenExpired' : 'tokenNotYetValid', wrongTimes({ exp, nbf, iat }, now), cause);
}
