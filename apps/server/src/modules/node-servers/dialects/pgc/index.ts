import { pgcTopics } from '@polyrelay/contract';
import { isDatabaseAway } from '#core/database/database.js';
import { DomainError, messageOf } from '#core/errors.js';
import { printable } from '#core/text.js';
import type { MqttMessage } from '#edges/mqtt/index.js';
import { Lanes } from '#edges/mqtt/lanes.js';
import { workerDisconnected } from '../../commands/connection.js';
import type { Context } from '../../context.js';
import type { NodeServerRef } from '../../refs.js';
import { ENVELOPE_KEYS, openEnvelope, type Received } from './envelope.js';
import { workerIdentity } from './identity.js';
import { handleIsy } from './isy.js';
import type { PgcLink } from './link.js';
import { logFile, logRecord } from './log-stream.js';
import { handleRequest, isStatusOnly } from './requests.js';

/** Nobody else is a sender that is not known: they share a lane. */
const UNKNOWN = '';

/**
 * The dialect of published cloud node servers (PGC): takes their messages in, in the order they were sent, and
 * turns them into commands. The domain knows nothing of it.
 */
export function pgcDialect(context: Context, link: PgcLink): void {
  const { app, refs, signals } = context;
  const { stage } = app.config;
  const topics = pgcTopics(stage);
  const lanes = new Lanes();

  app.mqtt.authenticator(async ({ certificateName }) => {
    if (certificateName === undefined) return undefined;
    const ref = await refs.byWorker(certificateName);
    return ref === undefined ? undefined : workerIdentity(stage, ref);
  });

  signals.on('connection', ({ nodeServerId, worker, connected }) =>
    link.connection({ id: nodeServerId, worker }, connected),
  );

  app.mqtt.onSubscribed((identity, filter) => {
    if (identity.kind === 'worker' && filter === topics.toWorker(identity.id))
      link.listens(identity.id, true);
  });

  app.mqtt.onRefused((identity, what) => {
    if (identity.kind !== 'worker') return;
    refs.byWorker(identity.id).then(
      (ref) => ref && refuse(ref, 'mqtt', `this worker ${what}`),
      () => undefined,
    );
  });

  app.mqtt.onGone((identity) => {
    if (identity.kind !== 'worker') return;
    link.listens(identity.id, false);
    void lanes
      .run(identity.id, true, async () => {
        const ref = await refs.byWorker(identity.id);
        if (ref !== undefined) await workerDisconnected(context, ref);
      })
      .catch((error: unknown) => app.logger.warn({ err: error }, 'a lost connection could not be noted'));
  });

  app.mqtt.on(topics.requests, (message) =>
    receive(message, async ({ ref, body }, keys) => {
      for (const key of keys) {
        await attempt(ref, key, () =>
          handleRequest(context, ref, key, body[key], message.otherConnections, (what, why) =>
            refuse(ref, what, why),
          ),
        );
      }
    }),
  );

  app.mqtt.on(topics.isy, (message) =>
    receive(message, async ({ ref, body }, keys) => {
      for (const key of keys) await attempt(ref, key, () => handleIsy(context, ref, key, body[key]));
    }),
  );

  app.mqtt.on(topics.log('+', '+'), async ({ topic, payload }) => {
    const ref = await refs.byWorker(topic.split('/').at(-1) ?? '');
    if (ref !== undefined) logRecord(context, ref, payload);
  });

  app.mqtt.on(topics.logFile('+', '+'), async ({ topic, payload }) => {
    const ref = await refs.byWorker(topic.split('/').at(-2) ?? '');
    if (ref !== undefined) await attempt(ref, 'log file', () => logFile(context, ref, payload));
  });

  /** Opens a message and handles it in its sender's order. Broken messages are told, never thrown: the worker stays. */
  async function receive(
    message: MqttMessage,
    handle: (received: Received, keys: string[]) => Promise<void>,
  ): Promise<void> {
    app.metrics.count('workerMessages');
    let received: Received | undefined;
    try {
      received = await openEnvelope(refs, stage, message);
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      const sender = message.identity === null ? undefined : await refs.byWorker(message.identity.id);
      if (sender !== undefined) refuse(sender, error.code, error.message);
      return;
    }
    if (received === undefined) return;
    const { ref, body } = received;
    const keys = Object.keys(body).filter((key) => !ENVELOPE_KEYS.has(key));
    await lanes.run(ref.worker || UNKNOWN, !isStatusOnly(keys, body), () => handle(received, keys));
  }

  /** A command that fails is told in the worker's log; only an absent database holds the message back. */
  async function attempt(ref: NodeServerRef, what: string, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (isDatabaseAway(error)) throw error;
      if (!(error instanceof DomainError))
        app.logger.error({ err: error, worker: ref.worker, what }, 'a worker message failed');
      refuse(
        ref,
        what,
        error instanceof DomainError ? error.message : `failed in the service: ${messageOf(error)}`,
      );
    }
  }

  function refuse(ref: NodeServerRef, refused: string, reason: string): void {
    const what = printable(refused);
    const why = printable(reason);
    signals.emit('diagnostic', { nodeServerId: ref.id, level: 'error', text: `Refused ${what}: ${why}` });
    void app.audit.recordSeldom({
      actor: `worker ${ref.worker}`,
      action: 'message.refused',
      target: ref.name,
      detail: { what, why },
    });
  }
}
