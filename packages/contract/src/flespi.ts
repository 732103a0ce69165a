import { z } from 'zod';

/** Greatest time a read waits for the first message, in seconds (flespi section 1). */
export const MAX_READ_TIMEOUT_S = 30;
/** Bounds of one read: what is asked beyond them is cut, and said in `warnings`. */
export const READ_COUNT = { default: 1000, max: 10_000 } as const;
export const READ_BYTES = { default: 8 * 1024 * 1024, max: 16 * 1024 * 1024 } as const;

/** One error of an answer that failed. */
export const FlespiError = z.object({ code: z.number().int(), reason: z.string() });

/** Body of every answer that failed: no `result`. */
export const FlespiFailure = z.object({ errors: z.array(FlespiError) }).meta({ id: 'FlespiFailure' });
export type FlespiFailure = z.infer<typeof FlespiFailure>;

/** A channel as flespi's clients see it (section 2). */
export const FlespiChannel = z
  .object({
    id: z.number().int(),
    name: z.string(),
    protocol_name: z.string(),
    enabled: z.boolean(),
    configuration: z.record(z.string(), z.unknown()),
    messages_ttl: z.number().int(),
    uri: z.string(),
    messages_size: z.number().int(),
    connections_count: z.number().int(),
  })
  .meta({ id: 'FlespiChannel' });
export type FlespiChannel = z.infer<typeof FlespiChannel>;

/** One rule of a token: what it may do where. */
export const AclEntry = z.object({
  /** `gw/channels` (the channels and their messages), `gw/channels/messages` (these alone), `mqtt` (custom topics). */
  uri: z.enum(
    ['gw/channels', 'gw/channels/messages', 'mqtt'],
    'Use gw/channels, gw/channels/messages or mqtt',
  ),
  /** Left out: all. For `mqtt`: GET subscribes, POST publishes. */
  methods: z.array(z.enum(['GET', 'POST', 'PUT', 'DELETE'])).optional(),
  /** Ids of channels; left out: all. */
  ids: z.union([z.literal('all'), z.array(z.number().int().min(1)).max(1000)]).optional(),
  /** Of `mqtt`: the topic filter it is for; left out: all of one's own. */
  topic: z.string().max(200).optional(),
});
export type AclEntry = z.infer<typeof AclEntry>;

/**
 * What an access token may do: `master` everything its user may; `standard` everything but access itself (tokens,
 * users, limits, backups); `acl` only what its list allows.
 */
export const TokenAccess = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('master') }),
  z.object({ kind: z.literal('standard') }),
  z.object({ kind: z.literal('acl'), acl: z.array(AclEntry).min(1, 'Allow at least one thing').max(100) }),
]);
export type TokenAccess = z.infer<typeof TokenAccess>;

/** What somebody wants to do, in the words of {@link AclEntry}. */
export interface AccessCall {
  uri: AclEntry['uri'];
  method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** The channel; left out: not about a certain one (making one, all there will ever be). */
  id?: number;
  /** The MQTT topic, or filter of topics, of an `mqtt` call. */
  topic?: string;
}

/** Whether an access token may do something. Whose the channel or topic is, is another question. */
export function allows(access: TokenAccess, call: AccessCall): boolean {
  return access.kind !== 'acl' || access.acl.some((entry) => entryAllows(entry, call));
}

function entryAllows({ uri, methods, ids = 'all', topic }: AclEntry, call: AccessCall): boolean {
  if (uri !== call.uri && !(uri === 'gw/channels' && call.uri === 'gw/channels/messages')) return false;
  if (methods !== undefined && !methods.includes(call.method)) return false;
  if (uri === 'mqtt')
    return topic === undefined || (call.topic !== undefined && coversTopics(topic, call.topic));
  return ids === 'all' || (call.id !== undefined && ids.includes(call.id));
}

/** Whether an MQTT filter takes everything that another one, or a topic, stands for. */
export function coversTopics(filter: string, other: string): boolean {
  const [wide, narrow] = [filter.split('/'), other.split('/')];
  for (const [index, level] of wide.entries()) {
    if (level === '#') return true;
    const asked = narrow[index];
    if (asked === undefined || asked === '#' || (level !== '+' && level !== asked)) return false;
  }
  return wide.length === narrow.length;
}
