import { isUtf8 } from 'node:buffer';
import { randomUUID } from 'node:crypto';
import { MAX_WEBHOOK_ANSWER_BYTES, type WireWebhook, WireWebhookResponse } from '@polyrelay/contract';
import type { FastifyInstance } from 'fastify';
import { DomainError } from '#core/errors.js';

/** A worker has this long to answer; then the webhook counts as handed over. */
const PATIENCE_MS = 10_000;

export interface Answer {
  status: number;
  headers: Record<string, string>;
  body: Buffer;
}

/** A webhook as it came, for the wire. */
export type Incoming = Omit<WireWebhook, 'id' | 'body' | 'encoding'> & { body: Buffer };

interface Waiting {
  nodeServerId: string;
  settle(answer: Answer | DomainError | undefined): void;
}

/** Whose answer it was, and why it is refused. */
type Refuse = (reason: string, isForeign: boolean) => void;

/** Webhooks that were handed to workers over MQTT and wait for their answers. */
export class OverMqtt {
  readonly #app: FastifyInstance;
  readonly #waiting = new Map<string, Waiting>();

  constructor(app: FastifyInstance) {
    this.#app = app;
  }

  /**
   * Hands a webhook over.
   * @param signal the caller is gone
   * @returns the worker's answer; undefined when it gave none in time
   * @throws DomainError `workerNotConnected`, `badWebhookAnswer`
   */
  async deliver(
    to: { id: string; worker: string },
    { body, ...rest }: Incoming,
    signal: AbortSignal,
  ): Promise<Answer | undefined> {
    const id = randomUUID();
    const text = isUtf8(body);
    const webhook: WireWebhook = {
      id,
      ...rest,
      body: body.toString(text ? 'utf8' : 'base64'),
      ...(text ? {} : { encoding: 'base64' }),
    };
    const answered = this.#wait(id, to.id, signal);
    try {
      if (!(await this.#app.nodeServers.send(to, { webhook }))) throw notConnected();
      return await answered;
    } finally {
      this.#waiting.get(id)?.settle(undefined);
    }
  }

  /** Takes an answer in, if this worker's webhook waits for it. */
  answer(nodeServerId: string, response: { id: string }, refuse: Refuse): void {
    const waiting = this.#waiting.get(response.id);
    if (waiting?.nodeServerId === nodeServerId) {
      const checked = check(response);
      if (typeof checked === 'string') refuse(checked, false);
      waiting.settle(typeof checked === 'string' ? badAnswer(checked) : checked);
    } else if (waiting === undefined)
      refuse('no webhook of this id waits: it came too late, or twice', false);
    else refuse('the webhook of this id is another node server’s', true);
  }

  stop(): void {
    for (const { settle } of this.#waiting.values()) settle(undefined);
  }

  #wait(id: string, nodeServerId: string, signal: AbortSignal): Promise<Answer | undefined> {
    const answered = new Promise<Answer | undefined>((resolve, reject) => {
      const settle: Waiting['settle'] = (answer) => {
        clearTimeout(timer);
        signal.removeEventListener('abort', giveUp);
        this.#waiting.delete(id);
        if (answer instanceof DomainError) reject(answer);
        else resolve(answer);
      };
      const giveUp = (): void => settle(undefined);
      const timer = setTimeout(giveUp, PATIENCE_MS);
      signal.addEventListener('abort', giveUp);
      this.#waiting.set(id, { nodeServerId, settle });
    });
    // It may be refused before anybody looks.
    answered.catch(() => undefined);
    return answered;
  }
}

/** The answer, or what is wrong with it. */
function check(response: unknown): Answer | string {
  const parsed = WireWebhookResponse.safeParse(response);
  if (!parsed.success)
    return parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ');
  const { status, headers, body, encoding } = parsed.data;
  const bytes = Buffer.from(body, encoding ?? 'utf8');
  if (bytes.length > MAX_WEBHOOK_ANSWER_BYTES) return 'body: At most 256 KiB';
  const lower = Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]),
  );
  const type = encoding === undefined ? 'text/plain; charset=utf-8' : 'application/octet-stream';
  return { status, headers: bytes.length === 0 ? lower : { 'content-type': type, ...lower }, body: bytes };
}

export const notConnected = (): DomainError =>
  new DomainError(
    'unavailable',
    'workerNotConnected',
    'The worker of this node server is not connected now. Send it again later.',
  );

const badAnswer = (why: string): DomainError =>
  new DomainError('unavailable', 'badWebhookAnswer', `The worker’s answer cannot be used: ${why}.`);
