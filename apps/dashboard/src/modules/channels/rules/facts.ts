import { type Event, MessageType, type RuleSource, topicMatches } from '@polyrelay/contract';

/** So many sources are listened to one by one; of more, to all of their kind. */
const MOST_TOPICS = 10;

const idsOf = (source: RuleSource): readonly string[] => {
  const chosen = source.kind === 'things' ? source.things : source.nodeServers;
  return chosen === 'all' || chosen.length > MOST_TOPICS ? ['+'] : chosen;
};

/** Live topics that tell of what a rule could route. */
export const factTopics = (source: RuleSource): string[] =>
  idsOf(source).map((id) =>
    source.kind === 'things' ? `things/${id}/messages/+` : `nodeServers/${id}/nodes/+/drivers/+`,
  );

/** Whether an event is something the source would route. */
export function isFact(
  { topic, operation, payload }: Pick<Event, 'topic' | 'operation' | 'payload'>,
  source: RuleSource,
): boolean {
  const [, id = '', , , , driver = ''] = topic.split('/');
  if (!factTopics(source).some((filter) => topicMatches(filter, topic))) return false;
  if (source.kind === 'things')
    return (
      operation === 'INSERTION' && payload.type === MessageType.enum.egress && isChosen(id, source.things)
    );
  const { drivers, nodeServers } = source;
  return (
    operation !== 'DELETION' &&
    isChosen(id, nodeServers) &&
    (drivers.length === 0 || drivers.includes(driver))
  );
}

const isChosen = (id: string, chosen: 'all' | readonly string[]): boolean =>
  chosen === 'all' || chosen.includes(id);
