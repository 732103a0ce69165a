import type { Thermostat, ThermostatChange } from '../provider/climate.js';
import { type Account, SignedOut } from './account.js';

export { SignedOut };

/** Demo Climate's interface, with the account's token. */
export class ClimateClient {
  readonly #account: Account;

  constructor(account: Account) {
    this.#account = account;
  }

  async thermostats(): Promise<Thermostat[]> {
    const answer = await this.#ask(this.#account.apiUrl);
    return ((await answer.json()) as { thermostats: Thermostat[] }).thermostats;
  }

  async change(id: string, change: ThermostatChange): Promise<Thermostat> {
    const answer = await this.#ask(`${this.#account.apiUrl}/${id}`, 'PATCH', JSON.stringify(change));
    return (await answer.json()) as Thermostat;
  }

  async #ask(url: string, method = 'GET', body?: string): Promise<Response> {
    const send = async (renew: boolean) =>
      fetch(url, {
        method,
        headers: { authorization: `Bearer ${await this.#account.accessToken(renew)}` },
        signal: AbortSignal.timeout(10_000),
        ...(body === undefined ? {} : { body }),
      });
    const first = await send(false);
    // A token may end before its time; one renewal tells whether the account is still linked.
    const answer = first.status === 401 ? await send(true) : first;
    if (answer.status === 401) throw new SignedOut('Demo Climate does not accept the account any more');
    if (!answer.ok)
      throw new Error(`Demo Climate answered ${answer.status} to ${method} ${new URL(url).pathname}`);
    return answer;
  }
}
