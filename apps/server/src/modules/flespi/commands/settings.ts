import { ChannelName, MessagesTtl } from '@polyrelay/contract';
import { z } from 'zod';
import { DomainError } from '#core/errors.js';
import type { Warnings } from '../warnings.js';

/** So many channels one call makes, and so much is kept in a configuration, in characters of JSON. */
const MAX_CHANNELS = 100;
const MAX_CONFIGURATION = 65_536;

/** What a client says of a channel it makes or changes. */
const Settings = z.object({
  name: ChannelName,
  enabled: z.boolean('Must be true or false'),
  messages_ttl: MessagesTtl,
  configuration: z
    .record(z.string(), z.unknown())
    .refine((kept) => JSON.stringify(kept).length <= MAX_CONFIGURATION, 'Use at most 65536 characters'),
});
const NewSettings = Settings.partial().extend({ name: ChannelName });
const ChangedSettings = Settings.partial();

/** The same in the words of the port of channels. */
export interface ChannelSettings {
  name?: string;
  enabled?: boolean;
  messagesTtl?: number;
  configuration?: Record<string, unknown>;
}

/** What the service says itself, and clients send back with the rest. */
const OWN = new Set(['id', 'protocol_name', 'uri', 'messages_size', 'connections_count']);

/** Reads a body that makes channels: one, or a list. @throws invalid, each wrong value with its place */
export function readNewChannels(body: unknown, warnings: Warnings): (ChannelSettings & { name: string })[] {
  const items = Array.isArray(body) ? body : [body];
  if (items.length === 0 || items.length > MAX_CHANNELS)
    throw new DomainError('invalid', 'invalidChannels', `Send 1 to ${MAX_CHANNELS} channels.`);
  const parsed = Array.isArray(body) ? parse(z.array(NewSettings), body) : [parse(NewSettings, body)];
  for (const item of items) noteUnknown(item as object, warnings);
  return parsed.map((one) => ({ ...inOwnWords(one), name: one.name }));
}

/** Reads a body that changes channels. @throws invalid */
export function readChanges(body: unknown, warnings: Warnings): ChannelSettings {
  const parsed = parse(ChangedSettings, body);
  noteUnknown(body as object, warnings);
  return inOwnWords(parsed);
}

function parse<T>(schema: z.ZodType<T>, body: unknown): T {
  const { data, error } = schema.safeParse(body);
  if (error === undefined) return data;
  const errors = error.issues.map(({ path, message }) => ({
    path: path.reduce<string>(
      (so, part) =>
        typeof part === 'number' ? `${so}[${part}]` : so === '' ? String(part) : `${so}.${String(part)}`,
      '',
    ),
    message,
  }));
  throw new DomainError('invalid', 'invalidChannels', 'The channels are not as they should be.', { errors });
}

function noteUnknown(item: object, warnings: Warnings): void {
  for (const name of Object.keys(item))
    if (!Object.hasOwn(Settings.shape, name) && !OWN.has(name))
      warnings.add(`“${name.slice(0, 100)}” cannot be set and was ignored`);
}

function inOwnWords({
  messages_ttl: messagesTtl,
  ...rest
}: z.infer<typeof ChangedSettings>): ChannelSettings {
  const settings = { ...rest, messagesTtl };
  return Object.fromEntries(
    Object.entries(settings).filter(([, value]) => value !== undefined),
  ) as ChannelSettings;
}
