import { Controller, type NodeServerRecord, type OAuthCallback, OAuthError } from '@polyrelay/node-server';
import { Account } from './account.js';
import { ClimateClient, SignedOut } from './climate-client.js';
import { signInNotice } from './sign-in-notice.js';
import { addressOf, ThermostatNode } from './thermostat-node.js';

/** Links the account, then keeps the thermostats up to date. */
export class ClimateController extends Controller {
  static override readonly nodedefId = 'climate';
  override readonly drivers = { ST: { value: false, uom: 2 }, GV0: { value: 0, uom: 56 } };
  override readonly commands = { DISCOVER: () => this.discover(), QUERY: () => this.query() };

  #account: Account | undefined;
  #client: ClimateClient | undefined;

  constructor() {
    super({ name: 'Demo Climate' });
  }

  override async start(): Promise<void> {
    this.#account = new Account(this.server);
    this.#client = new ClimateClient(this.#account);
    if (this.#account.linked) await this.#guard(() => this.discover());
    else await this.#askForSignIn();
  }

  /** The user is back from the provider (PGC section 6.4). */
  override async oauth(callback: OAuthCallback): Promise<void> {
    const { code, error } = callback;
    if (code === undefined) {
      this.server.log.warning(`Sign-in was not completed: ${error ?? 'no code came'}`);
      // An account that is linked already stays so.
      if (!this.#linked)
        await this.#askForSignIn(error === 'access_denied' ? 'denied' : 'failed', callback.errorDescription);
      return;
    }
    try {
      await this.#account?.link(code);
    } catch (problem) {
      this.server.log.error(
        `The code could not be exchanged: ${problem instanceof Error ? problem.message : 'unknown'}`,
      );
      await this.#askForSignIn('failed', problem instanceof OAuthError ? problem.description : undefined);
      return;
    }
    this.server.log.info('Signed in to Demo Climate');
    await this.server.notices.remove('auth');
    await this.#guard(() => this.discover());
  }

  override shortPoll(): Promise<void> {
    return this.#guard(() => this.#read());
  }

  /** The user may have entered the provider just now. */
  override async config(_record: Readonly<NodeServerRecord>): Promise<void> {
    if (this.#account && !this.#linked && this.server.notices.has('setup')) await this.#askForSignIn();
  }

  override query(): Promise<void> {
    return this.#guard(async () => {
      await this.#read();
      this.server.reportAll();
    });
  }

  /** Adds the account's thermostats; those that are there already are brought up to date. */
  async discover(): Promise<void> {
    if (!this.#client || !this.#linked) return;
    const client = this.#client;
    const found = await client.thermostats();
    await Promise.all(found.map((thermostat) => this.server.addNode(new ThermostatNode(thermostat, client))));
    this.setDriver('ST', true);
    this.setDriver('GV0', found.length);
    this.server.log.info(`${found.length} thermostats`);
  }

  get #linked(): boolean {
    return this.#account?.linked ?? false;
  }

  async #read(): Promise<void> {
    if (!this.#client || !this.#linked) return;
    for (const thermostat of await this.#client.thermostats()) {
      const node = this.server.nodes.get(addressOf(thermostat));
      if (node instanceof ThermostatNode) node.show(thermostat);
    }
  }

  /** Access that ended at the provider is the user's to renew; anything else is tried again at the next poll. */
  async #guard(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.server.log.warning(error instanceof Error ? error.message : 'Demo Climate did not answer');
      if (error instanceof SignedOut) await this.#askForSignIn('ended');
    }
  }

  async #askForSignIn(reason?: 'denied' | 'failed' | 'ended', detail?: string): Promise<void> {
    this.setDriver('ST', false);
    const { notices, oauth } = this.server;
    if (!oauth.configured) {
      await notices.add(
        'setup',
        'Enter the provider’s URL, client id and secret to link your Demo Climate account.',
      );
      return;
    }
    await notices.remove('setup');
    await notices.add('auth', signInNotice(oauth, reason, detail));
  }
}
