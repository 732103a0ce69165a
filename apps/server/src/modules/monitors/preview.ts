import { parseTopics, topicMeans } from '@polyrelay/codecs/push-topic';
import type {
  FormatType,
  MonitorPreview,
  MonitorPreviewRequest,
  MonitorTemplateRequest,
  MonitorTemplateResult,
  PushedEvent,
} from '@polyrelay/contract';
import type { FastifyInstance } from 'fastify';
import type { z } from 'zod';
import { DomainError, messageOf } from '#core/errors.js';
import { checkTopic } from './commands/check.js';
import { lookAtLog } from './log.js';
import { documentOf } from './resources/payload.js';
import { Templates } from './resources/template.js';
import type { PushMessage } from './types.js';

/** Events of the log that one look reads. */
const LOOKED_AT = 5000;

interface Found {
  /** The latest ones, oldest first. */
  messages: PushMessage[];
  last: number;
  lookedAt: number;
}

/** The latest events of an owner that topics mean, among those one look at the log reads. @throws invalid */
async function latest(
  app: FastifyInstance,
  ownerId: string,
  { topic, limit, after }: { topic: string; limit: number; after?: number | undefined },
): Promise<Found> {
  checkTopic(topic);
  const topics = parseTopics(topic);
  const { pool } = app.database;
  const window =
    after === undefined
      ? await lookAtLog(pool, [ownerId], 0, 'newest', LOOKED_AT)
      : await lookAtLog(pool, [ownerId], after, 'first', LOOKED_AT);
  const facts = await app.monitors.resources.factsOf(window.events);
  const meant = facts.filter(
    (fact) => fact.monitorId === undefined && topics.some((each) => topicMeans(each, fact)),
  );
  return {
    messages: await app.monitors.resources.load(meant.slice(-limit)),
    last: window.last ?? after ?? 0,
    lookedAt: window.count,
  };
}

/** The latest events that topics mean, newest first; with `after`, those behind that event of the log. @throws invalid */
export async function preview(
  app: FastifyInstance,
  ownerId: string,
  { topic, limit, after, formatType }: z.output<typeof MonitorPreviewRequest>,
): Promise<MonitorPreview> {
  const from = after === undefined ? undefined : Math.min(Number(after), Number.MAX_SAFE_INTEGER);
  const { messages, last, lookedAt } = await latest(app, ownerId, { topic, limit, after: from });
  const items = messages.map((message) => presentMessage(message, formatType)).reverse();
  return { items, last: String(last), lookedAt };
}

/** What a template makes of the latest events that topics mean. @throws invalid, with line and column */
export async function tryTemplate(
  app: FastifyInstance,
  ownerId: string,
  { topic, limit, schemaData, formatType }: z.output<typeof MonitorTemplateRequest>,
): Promise<MonitorTemplateResult> {
  app.monitors.resources.checkTemplate(schemaData);
  const { messages } = await latest(app, ownerId, { topic, limit });
  if (messages.length === 0) return { payload: null, events: 0 };
  try {
    const payload = new Templates().render(schemaData, messages, formatType);
    return { payload, events: messages.length };
  } catch (cause) {
    // Monitors send the standard document then; whoever writes the template has to know why.
    const message = `The template fails: ${messageOf(cause)}`;
    const errors = [{ path: 'schemaData', message }];
    throw new DomainError('invalid', 'templateFails', `${message}.`, { errors, cause });
  }
}

function presentMessage(pushed: PushMessage, formatType: FormatType): PushedEvent {
  const { operation, group, event } = pushed;
  const message = JSON.parse(pushed.json) as { topic: string; timestamp: string };
  const { topic, timestamp } = message;
  const xml = formatType === 'xml' ? { xml: documentOf([pushed], 'xml') } : {};
  return { topic, operation, group, timestamp, message, eventId: String(event.id), ...xml };
}
