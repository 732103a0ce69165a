import type { AclEntry, TokenAccess } from '@polyrelay/contract';
import type { Errors } from '../../lib/form';
import { t } from '../../strings';

/** What a token may do with the channels it is for. */
export const channelRights = ['read', 'write', 'delete', 'manage'] as const;
export type ChannelRight = (typeof channelRights)[number];

/** What a token may do, as the form has it. */
export interface RightsValues {
  kind: TokenAccess['kind'];
  /** Which channels: none, all there are and will be, or these. */
  channels: 'none' | 'all' | 'some';
  /** Ids of channels. */
  ids: number[];
  rights: ChannelRight[];
  /** Custom MQTT topics. */
  subscribes: boolean;
  publishes: boolean;
  /** A topic or filter; empty: all of one's own. */
  topic: string;
}

export const initialRights: RightsValues = {
  kind: 'master',
  channels: 'all',
  ids: [],
  rights: ['read'],
  subscribes: false,
  publishes: false,
  topic: '',
};

const methodOf = { read: 'GET', write: 'POST', delete: 'DELETE' } as const;

/** What the contract takes. */
export function accessOf(values: RightsValues): TokenAccess {
  if (values.kind !== 'acl') return { kind: values.kind };
  return { kind: 'acl', acl: [...channelEntries(values), ...mqttEntries(values)] };
}

function channelEntries({ channels, ids, rights }: RightsValues): AclEntry[] {
  if (channels === 'none' || rights.length === 0) return [];
  const which = { ids: channels === 'all' ? ('all' as const) : ids };
  // Managing is all of a channel, its messages too.
  if (rights.includes('manage')) return [{ uri: 'gw/channels', ...which }];
  const methods = channelRights.flatMap((right) =>
    right !== 'manage' && rights.includes(right) ? [methodOf[right]] : [],
  );
  return [
    // Programs look at the channel before they read it.
    ...(rights.includes('read')
      ? [{ uri: 'gw/channels' as const, methods: ['GET' as const], ...which }]
      : []),
    { uri: 'gw/channels/messages', methods, ...which },
  ];
}

function mqttEntries({ subscribes, publishes, topic }: RightsValues): AclEntry[] {
  if (!subscribes && !publishes) return [];
  const filter = topic.trim() === '' ? {} : { topic: topic.trim() };
  const methods: AclEntry['methods'] = [
    ...(subscribes ? (['GET'] as const) : []),
    ...(publishes ? (['POST'] as const) : []),
  ];
  return [{ uri: 'mqtt', methods, ...filter }];
}

/** What is wrong that the contract says in other words, or at another place. */
export function rightsErrors(values: RightsValues): Errors {
  if (values.kind !== 'acl') return {};
  if (values.channels === 'some' && values.ids.length === 0) return { ids: t.tokens.rights.chooseChannel };
  if (values.channels !== 'none' && values.rights.length === 0)
    return { rights: t.tokens.rights.chooseRight };
  return accessOf(values).kind === 'acl' && allowsNothing(values) ? { kind: t.tokens.rights.chooseOne } : {};
}

const allowsNothing = ({ channels, subscribes, publishes }: RightsValues): boolean =>
  channels === 'none' && !subscribes && !publishes;

/** What a token may do, in one line. */
export function accessWords(access: TokenAccess): string {
  if (access.kind !== 'acl') return t.tokens.rights.short[access.kind];
  return [...new Set(access.acl.map(entryWords))].join('; ');
}

function entryWords({ uri, methods, ids = 'all', topic }: AclEntry): string {
  const words = t.tokens.rights.words;
  const may = (methods ?? ['GET', 'POST', 'PUT', 'DELETE']) as readonly ('GET' | 'POST' | 'PUT' | 'DELETE')[];
  if (may.length === 0) return words.nothing;
  if (uri === 'mqtt') {
    const verbs = may.flatMap((method) =>
      method in words.mqtt ? [words.mqtt[method as 'GET' | 'POST']] : [],
    );
    return words.onTopic(verbs.join(', '), topic ?? words.ownTopics);
  }
  const which = ids === 'all' ? words.allChannels : words.channels(ids);
  const all = methods === undefined;
  if (uri === 'gw/channels')
    return all
      ? words.manage(which)
      : words.channel(may.map((each) => words.ofChannel[each]).join(', '), which);
  return words.messages(may.map((each) => words.ofMessages[each]).join(', '), which);
}
