import { Email, type SetupRequest } from '@polyrelay/contract';
import type { FastifyInstance } from 'fastify';
import { DomainError } from '#core/errors.js';
import { newToken, sameSecret } from '#core/secrets/tokens.js';
import { hashPassword } from './passwords.js';
import { lockSetup } from './store.js';

/**
 * The first user: made by whoever holds the one-time link that the start prints, or from ADMIN_EMAIL and
 * ADMIN_PASSWORD. The token lives in memory: every start without users prints a new one.
 */
export class Setup {
  readonly #app: FastifyInstance;
  #token: string | undefined;

  constructor(app: FastifyInstance) {
    this.#app = app;
  }

  async start(): Promise<void> {
    if ((await this.#app.database.prisma.user.count()) > 0) return;
    const { admin } = this.#app.config;
    if (admin === undefined) {
      this.#token = newToken(18);
      return;
    }
    const passwordHash = await hashPassword(admin.password);
    if (await this.#createFirst(admin.email, passwordHash, ''))
      this.#app.logger.info(`made the first user, ${admin.email}`);
  }

  get needed(): boolean {
    return this.#token !== undefined;
  }

  /** The line to print, while there is no user. */
  message(): string | undefined {
    if (this.#token === undefined) return undefined;
    return `\n  Set up the first user here (the link works once):\n  ${this.#app.endpoints.publicUrl()}/setup?token=${this.#token}\n`;
  }

  /** @returns the id of the new user */
  async complete(request: SetupRequest): Promise<string> {
    if (this.#token === undefined)
      throw new DomainError('gone', 'setUpAlready', 'The first user is there already. Sign in.');
    if (!sameSecret(request.token, this.#token)) {
      throw new DomainError(
        'forbidden',
        'wrongSetupToken',
        'This set-up link is not valid. Use the one that the last start printed.',
      );
    }
    const id = await this.#createFirst(
      request.email,
      await hashPassword(request.password),
      request.name ?? '',
    );
    this.#token = undefined;
    if (id === undefined)
      throw new DomainError('gone', 'setUpAlready', 'The first user is there already. Sign in.');
    return id;
  }

  async #createFirst(email: string, passwordHash: string, name: string): Promise<string | undefined> {
    return this.#app.events.transaction(async (tx, record) => {
      if (!(await lockSetup(tx))) return undefined;
      const user = await tx.user.create({
        data: { email: Email.parse(email).toLowerCase(), passwordHash, name, role: 'admin' },
      });
      record({
        topic: `users/${user.id}`,
        operation: 'INSERTION',
        ownerId: null,
        payload: { email: user.email },
      });
      await tx.auditEntry.create({ data: { actor: user.email, action: 'setup' } });
      return user.id;
    });
  }
}
