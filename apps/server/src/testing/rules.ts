import type { Rule, RuleRequest } from '@polyrelay/contract';
import type { TestService } from './service.js';

/** Makes a rule of a channel. */
export const createRule = (service: TestService, channelId: number, rule: RuleRequest): Promise<Rule> =>
  service.call<Rule>('POST', `/api/channels/${channelId}/rules`, { body: rule, status: 201 });

/** What a channel holds, oldest first, each message's JSON text parsed. */
export const channelMessages = async (
  { app }: TestService,
  channelId: number,
): Promise<Record<string, unknown>[]> => (await channelTexts(app, channelId)).map((text) => JSON.parse(text));

/** The same as the texts themselves. */
export async function channelTexts({ database }: TestService['app'], channelId: number): Promise<string[]> {
  const { rows } = await database.pool.query<{ text: string }>(
    'SELECT message::text AS text FROM channel_messages WHERE channel_id = $1 ORDER BY key',
    [channelId],
  );
  return rows.map(({ text }) => text);
}

/** Resolves with what a channel holds when these are so many messages, or more. */
export async function untilMessages(
  service: TestService,
  channelId: number,
  count: number,
): Promise<Record<string, unknown>[]> {
  let notify = (): void => undefined;
  let again = true;
  const end = service.app.events.on(`channels/${channelId}/messages`, () => {
    again = true;
    notify();
  });
  try {
    while (again) {
      again = false;
      const messages = await channelMessages(service, channelId);
      if (messages.length >= count) return messages;
      if (!again)
        await new Promise<void>((resolve) => {
          notify = resolve;
        });
    }
    throw new Error('nothing woke it');
  } finally {
    end();
  }
}
