import { MessageState, type MessageSummary, MessageType } from '@polyrelay/contract';
import { z } from 'zod';
import type { LiveEvent } from '../../../lib/live-batch';
import type { StateChange } from './message-log';

const Came = z.object({
  type: MessageType,
  at: z.string(),
  bytes: z.number(),
  preview: z.string(),
  truncated: z.boolean(),
  state: MessageState.nullable(),
});
const Changed = z.object({ state: MessageState, stateAt: z.string() });
const Deleted = z.object({
  type: MessageType.optional().catch(undefined),
  from: z.string().optional().catch(undefined),
  to: z.string().optional().catch(undefined),
});

export interface MessageNews {
  arrived: MessageSummary[];
  changes: StateChange[];
  deletions: z.infer<typeof Deleted>[];
}

/** What live events say of one thing's messages. */
export function readEvents(events: readonly LiveEvent[], thingId: string): MessageNews {
  const news: MessageNews = { arrived: [], changes: [], deletions: [] };
  for (const { topic, operation, payload } of events) {
    const [things, thing, messages, id, more] = topic.split('/');
    if (things !== 'things' || thing !== thingId || messages !== 'messages' || more !== undefined) continue;
    if (id === undefined) {
      if (operation === 'DELETION') news.deletions.push(Deleted.parse(payload));
    } else if (operation === 'INSERTION') {
      const { data } = Came.safeParse(payload);
      if (data) news.arrived.push({ ...data, id, thingId, stateAt: data.state && data.at });
    } else if (operation === 'UPDATE') {
      const { data } = Changed.safeParse(payload);
      if (data) news.changes.push({ id, ...data });
    }
  }
  return news;
}
