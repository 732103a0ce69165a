import { parseTopics, TopicError } from '@polyrelay/codecs/push-topic';
import type { FieldError, MonitorSettings } from '@polyrelay/contract';
import type { FastifyInstance } from 'fastify';
import { DomainError } from '#core/errors.js';

/** Headers that the request makes itself. */
const OWN_HEADERS =
  /^(?:host|connection|content-length|content-type|transfer-encoding|upgrade|te|trailer|expect)$/i;

/**
 * Sees to it that settings fit together, however they came.
 * @throws invalid `invalidMonitor`, with the path of each wrong field
 */
export function checkSettings(app: FastifyInstance, settings: MonitorSettings): void {
  refuse([...wrongTopic(settings.topic), ...wrongTransport(settings), ...wrongTemplate(app, settings)]);
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

function* wrongTransport(settings: MonitorSettings): Generator<FieldError> {
  const { transportType, transportUrl, transportHeaders, ackOption } = settings;
  if (transportType === 'http' && transportUrl === '')
    yield { path: 'transportUrl', message: 'An HTTP monitor needs the URL that events are sent to' };
  if (transportUrl !== '') yield* wrongUrl(transportUrl);
  for (const name of Object.keys(transportHeaders))
    if (OWN_HEADERS.test(name))
      yield { path: `transportHeaders.${name}`, message: `The request itself sets “${name}”. Leave it out` };
  if (ackOption === 'explicit' && transportType !== 'tcp')
    yield {
      path: 'ackOption',
      message:
        'Only clients of a TCP monitor acknowledge blocks. Use “off” here: an HTTP server acknowledges by its answer',
    };
}

function* wrongUrl(text: string): Generator<FieldError> {
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol) || url.hostname === '')
    yield { path: 'transportUrl', message: 'Use a URL that begins with http:// or https://' };
  else if (url.username !== '' || url.password !== '')
    yield {
      path: 'transportUrl',
      message: 'Leave name and password out of the URL: write them as the token, “user:password”',
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
