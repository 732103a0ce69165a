import type { Logger } from 'pino';
import type { Authority, Identity } from './authority.js';

const DAY_MS = 86_400_000;

/** Well before it runs out: a certificate of the service's own is valid for 390 days. */
const RENEW_AFTER_MS = 300 * DAY_MS;

/**
 * The certificate that the service's own TLS ports show, of its own authority. Looked at once a day, and made again
 * after 300: it does not run out while the service runs.
 */
export class ServerCertificate {
  readonly #issue: () => Promise<Identity>;
  readonly #now: () => number;
  readonly #listeners: ((identity: Identity) => void)[] = [];
  #identity: Identity;
  #madeAt: number;
  #timer: NodeJS.Timeout | undefined;

  private constructor(identity: Identity, issue: () => Promise<Identity>, now: () => number) {
    this.#identity = identity;
    this.#issue = issue;
    this.#now = now;
    this.#madeAt = now();
  }

  /** Makes one. @param hosts names and addresses it is valid for */
  static async make(
    authority: Pick<Authority, 'issueServer'>,
    hosts: string[],
    now: () => number = Date.now,
  ): Promise<ServerCertificate> {
    const issue = (): Promise<Identity> => authority.issueServer(hosts);
    return new ServerCertificate(await issue(), issue, now);
  }

  get identity(): Identity {
    return this.#identity;
  }

  /** Hears of each new one. */
  onRenewed(listener: (identity: Identity) => void): void {
    this.#listeners.push(listener);
  }

  /** Makes a new one if it is time for that. */
  async renew(): Promise<void> {
    if (this.#now() - this.#madeAt < RENEW_AFTER_MS) return;
    this.#identity = await this.#issue();
    this.#madeAt = this.#now();
    for (const listener of this.#listeners) listener(this.#identity);
  }

  /** Looks once a day from now on. */
  watch(log: Logger): void {
    this.#timer = setInterval(() => {
      this.renew().catch((error: unknown) =>
        log.warn({ err: error }, 'the certificate of the TLS ports could not be renewed'),
      );
    }, DAY_MS).unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}
