import { parseTopics, TopicError } from '@polyrelay/codecs/push-topic';
import type { FieldError, MonitorSettings } from '@polyrelay/contract';
import type { FastifyInstance } from 'fastify';
import { DomainError } from '#core/errors.js';
import { transportProblems } from '../http/check.js';

/**
 * Sees to it that settings fit together, however they came.
 * @throws invalid `invalidMonitor`, with the path of each wrong field
 */
export function checkSettings(app: FastifyInstance, settings: MonitorSettings): void {
  refuse([...wrongTopic(settings.topic), ...wrongTransport(app, settings), ...wrongTemplate(app, settings)]);
}

/** The same for topics alone. @throws invalid `invalidMonitor`, naming the position */
export const checkTopic = (topic: string): void => refuse([...wrongTopic(topic)]);

function refuse(errors: FieldError[]): void {
  const [first] = errors;
  if (first === undefined) return;
  throw new DomainError('invalid', 'invalidMonitor', `${first.message.replace(/\.$/, '')}.`, { errors });
}

function* wrongTopic(topic: string): Generator<FieldError> {
  try {
    parseTopics(topic);
  } catch (error) {
    if (!(error instanceof TopicError)) throw error;
    yield { path: 'topic', message: error.message };
  }
}

function* wrongTransport({ config }: FastifyInstance, settings: MonitorSettings): Generator<FieldError> {
  yield* transportProblems(settings, config.allowPrivateUrls);
  if (settings.ackOption === 'explicit' && settings.transportType !== 'tcp')
    yield {
      path: 'ackOption',
      message:
        'Only clients of a TCP monitor acknowledge blocks. Use “off” here: an HTTP server acknowledges by its answer',
    };
}

function* wrongTemplate(
  { monitors }: FastifyInstance,
  { schemaType, schemaData }: MonitorSettings,
): Generator<FieldError> {
  if (schemaType === null && schemaData !== '')
    yield { path: 'schemaData', message: 'A template is used with “schemaType” “handlebars” only' };
  if (schemaType !== null && schemaData === '')
    yield { path: 'schemaData', message: 'Write the template, such as {{#each events}}{{topic}}{{/each}}' };
  if (schemaType === null || schemaData === '') return;
  try {
    monitors.resources.checkTemplate(schemaData);
  } catch (error) {
    if (!(error instanceof DomainError) || error.kind !== 'invalid') throw error;
    yield* error.errors ?? [{ path: 'schemaData', message: error.message }];
  }
}
