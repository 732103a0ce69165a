import type { PushTopic } from '@polyrelay/codecs/push-topic';
import type { Place, PushMessage } from '../types.js';
import type { Resources } from './resources.js';

/** A block as it was made: from which of its messages to which, and how many. */
interface Made {
  firstPlace: Place;
  lastPlace: Place;
  events: number;
}

/**
 * Reads from the log again what a block was made of; fewer, where some of it is deleted by now.
 * @param looks at the log at the most, each of which is bounded itself
 */
export async function readMessagesOf(
  resources: Resources,
  monitor: { id: number; ownerId: string; topics: readonly PushTopic[] },
  { firstPlace, lastPlace, events }: Made,
  looks = Number.POSITIVE_INFINITY,
): Promise<PushMessage[]> {
  const messages: PushMessage[] = [];
  let after = firstPlace - 1;
  for (let look = 0; look < looks && after < lastPlace && messages.length < events; look++) {
    const bounds = { limit: events - messages.length, monitorId: monitor.id, until: lastPlace };
    const part = await resources.read(monitor.ownerId, monitor.topics, after, bounds);
    messages.push(...part.messages);
    if (part.end || part.place <= after) break;
    after = part.place;
  }
  return messages;
}
