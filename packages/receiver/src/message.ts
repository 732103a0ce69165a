/**
 * A message of a channel. All handlers of a batch get the same objects: none may change them. `ident` and `timestamp`
 * (seconds since 1970) are always there; other keys have dotted names, such as `position.latitude`.
 */
export interface ChannelMessage {
  readonly ident: string;
  readonly timestamp: number;
  readonly [key: string]: unknown;
}

const texts = new WeakMap<object, string>();

/** Makes a message of its JSON text, which is kept. @throws SyntaxError */
export function parseMessage(text: string): ChannelMessage {
  const message = JSON.parse(text) as ChannelMessage;
  texts.set(message, text);
  return message;
}

/** The message as JSON: as the service sent it, so that long numbers keep their digits. */
export const jsonOf = (message: ChannelMessage): string => texts.get(message) ?? JSON.stringify(message);
