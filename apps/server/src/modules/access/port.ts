import type { User } from '@polyrelay/contract';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Transaction } from '#core/database/database.js';
import { DomainError } from '#core/errors.js';
import type { Recorder } from '#core/events/types.js';
import type { Principal } from '#core/principal.js';
import { KnownPasswords } from './known-passwords.js';
import { Revocations } from './revocations.js';
import { makeShortToken, type ShortTokenRequest } from './short-token.js';
import type { SignIn } from './sign-in.js';
import { findAccessToken, presentUser } from './store.js';
import { looksLikeToken } from './tokens.js';

/** Who a program is that showed an e-mail address, and a password or an access token. */
export interface Caller extends Pick<Principal, 'userId' | 'email' | 'expiresAt' | 'access'> {
  /** Of the access token; null: it was the password. */
  credentialId: string | null;
}

/** E-mail address, and password or access token. */
interface Credentials {
  email: string;
  password: string;
}

/** What a module does in the transaction that removes a user, before all that is the user's goes. */
export type UserRemoval = (tx: Transaction, record: Recorder, userId: string) => Promise<void>;

const MAX_PART = 256;

/** Sign-in as other modules use it. */
export class AccessPort {
  readonly #app: FastifyInstance;
  readonly #signIn: SignIn;
  readonly #guarded: string[];
  readonly #passwords: KnownPasswords;
  readonly #revocations: Revocations;
  readonly #removals: UserRemoval[] = [];

  constructor(app: FastifyInstance, signIn: SignIn, guarded: string[]) {
    this.#app = app;
    this.#signIn = signIn;
    this.#guarded = guarded;
    this.#passwords = new KnownPasswords(app);
    this.#revocations = new Revocations(app);
  }

  /**
   * Every route below a path asks for a sign-in from now on, unless it says `config: { public: true }`.
   * @param prefix such as `/v1/`
   */
  guard(prefix: string): void {
    this.#guarded.push(prefix);
  }

  /** Called when a user is removed: rows go with their owner by themselves, but who uses them has to hear of it. */
  onUserRemoval(removal: UserRemoval): void {
    this.#removals.push(removal);
  }

  /** Tells every module that a user goes. */
  async removing(...[tx, record, userId]: Parameters<UserRemoval>): Promise<void> {
    for (const removal of this.#removals) await removal(tx, record, userId);
  }

  /**
   * Finds out who calls by HTTP Basic: e-mail address and password, with the limits of the sign-in, or e-mail address
   * and access token. A password that was right lately is not checked again while it stays the same.
   * @throws unauthenticated, rateLimited
   */
  async signInBasic(request: FastifyRequest): Promise<Caller> {
    return this.signInProgram(request.ip, basicCredentials(request.headers.authorization));
  }

  /**
   * The same for who shows the two in another way.
   * @param ip of who tries
   * @throws unauthenticated, rateLimited
   */
  async signInProgram(ip: string, credentials: Credentials): Promise<Caller> {
    const [email, password] = [credentials.email.toLowerCase(), credentials.password];
    if (![email, password].every(isUsable))
      throw new DomainError('unauthenticated', 'unauthenticated', 'Show an e-mail address and a password.');
    if (looksLikeToken(password)) {
      const principal = await findAccessToken(this.#app.database.pool, password);
      if (principal?.email === email) return principal;
    }
    const userId = await this.#passwords.signIn(email, password, () => this.#signIn(ip, { email, password }));
    return { userId, email, credentialId: null, expiresAt: null, access: { kind: 'master' } };
  }

  /** Makes an access token that expires, for a program that signed in just now. */
  makeShortToken(caller: Caller, request: ShortTokenRequest): Promise<string> {
    return makeShortToken(this.#app, caller, request);
  }

  /**
   * Calls back when who makes a call that waits has lost its access: the token was revoked, or the user removed.
   * @returns a function to call when the wait is over
   */
  onRevoked(principal: Pick<Caller, 'credentialId' | 'userId'>, listener: () => void): () => void {
    return this.#revocations.on(principal, listener);
  }

  /** A user by id. */
  async user(id: string): Promise<User | undefined> {
    const row = await this.#app.database.prisma.user.findUnique({ where: { id } });
    return row === null ? undefined : presentUser(row);
  }
}

/** PostgreSQL holds no text with a NUL. */
const isUsable = (part: string): boolean => part !== '' && part.length <= MAX_PART && !part.includes('\0');

/** Reads `Authorization: Basic …` (RFC 7617): base64 of `e-mail:password`. @throws unauthenticated */
function basicCredentials(authorization: string | undefined): Credentials {
  const encoded = /^Basic +([A-Za-z0-9+/_-]+=*)\s*$/i.exec(authorization ?? '')?.[1];
  const decoded = encoded === undefined ? '' : Buffer.from(encoded, 'base64').toString('utf8');
  const colon = decoded.indexOf(':');
  const [email, password] = [decoded.slice(0, Math.max(0, colon)), decoded.slice(colon + 1)];
  if (colon < 0 || ![email, password].every(isUsable))
    throw new DomainError(
      'unauthenticated',
      'unauthenticated',
      'Send your e-mail address and password (or an access token as the password) by HTTP Basic.',
    );
  return { email, password };
}
