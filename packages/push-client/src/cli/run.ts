import { setTimeout as delay } from 'node:timers/promises';
import { Backoff } from '@polyrelay/essentials';
import { fetchCa, isHere } from '../ca.js';
import { PushClient } from '../client.js';
import { PushError } from '../errors.js';
import type { CommandLine } from './options.js';
import { Printer } from './print.js';

/** How long deleting the monitor is tried at the end. */
const DELETE_MS = 5000;

/** One run of the command: its monitor, made and deleted, and the events between. */
export class Run {
  readonly #line: CommandLine;
  readonly #say: (text: string) => void;
  readonly #stopping = new AbortController();
  #client: PushClient | undefined;
  /** Made here, to be deleted here. */
  #own: number | undefined;

  constructor(line: CommandLine, say: (text: string) => void) {
    this.#line = line;
    this.#say = say;
  }

  stop(): void {
    this.#stopping.abort();
    void this.#client?.stopAll();
  }

  /** What is still there when it ends at once. */
  get leftBehind(): string {
    return this.#own === undefined ? '' : ` Monitor ${this.#own} is still there.`;
  }

  /** Ends after `stop`. @throws PushError */
  async toTheEnd(): Promise<void> {
    const { client: options, caFrom } = this.#line;
    warnOfPlainHttp(options.url ?? (options.insecure ? `http://${options.host}` : ''), this.#say);
    const ca = caFrom === undefined ? undefined : await this.#patiently(() => this.#fetchCa(caFrom));
    const client = new PushClient({ ...options, ...(ca === undefined ? {} : { ca }) });
    this.#client = client;
    const id = this.#line.monitor ?? (await this.#patiently(() => this.#monitor(client)));
    if (id === undefined) return;
    try {
      if (!this.#isStopped) await this.#events(client, id);
    } catch (error) {
      // Told first: what follows about the monitor is the lesser part.
      await this.#delete(client).catch(({ message }) => this.#say(message));
      throw error;
    }
    await this.#delete(client);
  }

  get #isStopped(): boolean {
    return this.#stopping.signal.aborted;
  }

  async #fetchCa({ address, fingerprint }: NonNullable<CommandLine['caFrom']>): Promise<string> {
    const fetched = await fetchCa(address, fingerprint === undefined ? {} : { fingerprint });
    this.#tell(`trusts the CA with the fingerprint ${fetched.fingerprint}`);
    return fetched.ca;
  }

  /** As often as the service is away: nothing of an attempt that failed is left. */
  async #monitor(client: PushClient): Promise<number> {
    const { settings, keep } = this.#line;
    const found = await client.findMonitor(settings.topics);
    if (found !== undefined && keep) {
      this.#tell(`uses monitor ${found.id}, as it is`);
      return found.id;
    }
    if (found !== undefined && (await client.deleteMonitor(found.id)))
      this.#tell(`deleted monitor ${found.id}, which had the same topics`);
    const id = await client.createMonitor(settings);
    if (!keep) this.#own = id;
    this.#tell(`made monitor ${id} for ${String(settings.topics)}`);
    return id;
  }

  async #events(client: PushClient, id: number): Promise<void> {
    const printer = new Printer(process.stdout, this.#line.raw);
    const blocks = client.events(id, {
      onSession: (session) => {
        session.on('open', () => this.#tell(`listens to monitor ${id}`));
        session.on('lost', ({ message }, waitMs) =>
          this.#say(`${message}; tries again in ${(waitMs / 1000).toFixed(1)} s`),
        );
      },
    });
    for await (const block of blocks) {
      if (!(await printer.print(block))) return;
      block.acknowledge();
    }
  }

  /** @throws PushError `UNAVAILABLE` saying that it is still there */
  async #delete(client: PushClient): Promise<void> {
    const id = this.#own;
    if (id === undefined) return;
    const since = Date.now();
    const backoff = new Backoff(250, 2000);
    for (;;)
      try {
        const wasThere = await client.deleteMonitor(id);
        this.#own = undefined;
        return this.#tell(wasThere ? `deleted monitor ${id}` : `monitor ${id} was deleted before`);
      } catch (error) {
        const mayWork = error instanceof PushError && error.code === 'UNAVAILABLE';
        if (mayWork && Date.now() - since < DELETE_MS) await delay(backoff.next());
        else if (!(error instanceof PushError)) throw error;
        else
          throw new PushError(
            'UNAVAILABLE',
            `Monitor ${id} could not be deleted: ${error.message}. It is still there: the next start with the same topics deletes it.`,
            { cause: error },
          );
      }
  }

  /** Tries until the service is there. @returns undefined when it was stopped before */
  async #patiently<T>(work: () => Promise<T>): Promise<T | undefined> {
    const backoff = new Backoff();
    for (;;)
      try {
        if (this.#isStopped) return undefined;
        return await work();
      } catch (error) {
        if (!(error instanceof PushError) || error.code !== 'UNAVAILABLE') throw error;
        const wait = backoff.next();
        this.#say(`${error.message}; tries again in ${(wait / 1000).toFixed(1)} s`);
        await delay(wait, undefined, { signal: this.#stopping.signal }).catch(() => {});
      }
  }

  #tell(text: string): void {
    if (!this.#line.quiet) this.#say(text);
  }
}

function warnOfPlainHttp(url: string, say: (text: string) => void): void {
  if (!URL.canParse(url)) return;
  const { protocol, hostname, host } = new URL(url);
  if (protocol === 'http:' && !isHere(hostname))
    say(`${host} is not encrypted (http://): others on the way can read the password`);
}
