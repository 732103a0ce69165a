import { PushError } from './errors.js';
import {
  errorIn,
  idIn,
  type Monitor,
  type MonitorSettings,
  monitorXml,
  readPage,
  topicText,
} from './monitor.js';
import { type Answer, call } from './rest.js';
import { monitorIdOf, type Settings } from './settings.js';

const PAGE = 1000;

/** The monitors of a user: the resource `/ws/Monitor` of a service. */
export class Monitors {
  readonly #settings: Settings;
  readonly #authorization: string;

  constructor(settings: Settings) {
    this.#settings = settings;
    const pair = Buffer.from(`${settings.username}:${settings.password}`);
    this.#authorization = `Basic ${pair.toString('base64')}`;
  }

  /** @returns its id @throws PushError */
  async create(settings: MonitorSettings): Promise<number> {
    const answer = await this.#call('POST', '/ws/Monitor', monitorXml(settings));
    if (answer.status !== 200 && answer.status !== 201) throw this.#refusal(answer, 'make this monitor');
    const id = idIn(answer.location ?? '') ?? idIn(answer.text);
    if (id === undefined)
      throw new PushError(
        'PROTOCOL',
        `${this.#settings.url}: the answer does not say which monitor was made`,
      );
    return id;
  }

  async find(topics: string | readonly string[]): Promise<Monitor | undefined> {
    const text = topicText(topics);
    // A quote cannot stand in a condition: then all are looked through.
    const condition = text.includes("'") ? undefined : `monTopic='${text}'`;
    for (let start = 0; ; start += PAGE) {
      const query = new URLSearchParams({ start: String(start), size: String(PAGE) });
      if (condition !== undefined) query.set('condition', condition);
      const answer = await this.#call('GET', `/ws/Monitor/.json?${query}`);
      if (answer.status !== 200) throw this.#refusal(answer, 'look for a monitor');
      const { monitors, remaining } = readPage(this.#settings.url, answer.text);
      const found = monitors.find((monitor) => monitor.topics === text);
      if (found !== undefined || remaining <= 0 || monitors.length === 0) return found;
    }
  }

  async get(id: number): Promise<Monitor | undefined> {
    const answer = await this.#call('GET', `/ws/Monitor/${monitorIdOf(id)}.json`);
    if (answer.status === 404) return undefined;
    if (answer.status !== 200) throw this.#refusal(answer, `show monitor ${id}`);
    return readPage(this.#settings.url, answer.text).monitors[0];
  }

  /** @returns whether it was there */
  async delete(id: number): Promise<boolean> {
    const answer = await this.#call('DELETE', `/ws/Monitor/${monitorIdOf(id)}`);
    if (answer.status === 404) return false;
    if (answer.status !== 200 && answer.status !== 204) throw this.#refusal(answer, `delete monitor ${id}`);
    return true;
  }

  #call(method: string, path: string, body?: string): Promise<Answer> {
    const { url, ca, timeoutMs } = this.#settings;
    const headers = {
      authorization: this.#authorization,
      accept: method === 'GET' ? 'application/json' : 'application/xml',
      ...(body === undefined ? {} : { 'content-type': 'application/xml; charset=utf-8' }),
    };
    return call(new URL(`${url}${path}`), {
      method,
      headers,
      ca,
      timeoutMs,
      ...(body === undefined ? {} : { body }),
    });
  }

  #refusal({ status, text, location }: Answer, what: string): PushError {
    const said = errorIn(text);
    const { url, username } = this.#settings;
    if (status >= 500 || status === 429 || status === 408)
      return new PushError('UNAVAILABLE', `${url} answers ${status} ${said}`.trim());
    const refused = (why: string) => new PushError('REFUSED', why);
    if (status === 401)
      return refused(`${url} does not know the user ${username} with this password (401). Are both right?`);
    if (status === 403) return refused(`${url} does not let ${username} ${what} (403: ${said})`);
    if (status === 404)
      return refused(`${url} has no monitors (404). Is this the address of the service (--url)?`);
    if (status >= 300 && status < 400)
      return refused(`${url} sends on to ${location ?? 'another address'}: use that one (--url)`);
    return refused(`${url} does not ${what} (${status}): ${said}`);
  }
}
