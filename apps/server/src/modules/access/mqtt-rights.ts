import { allows, channelFilter, fedChannel, RESERVED_TOPICS, type TokenAccess } from '@polyrelay/contract';
import type { MqttIdentity } from '#edges/mqtt/types.js';

/** Who a person's own MQTT client acts for, and how far. */
interface MqttUser {
  userId: string;
  access: TokenAccess;
  /** First level of the topics of node servers. */
  stage: string;
}

/**
 * What a person's own MQTT client may do: read the log streams of their workers and, below `flespi/`, their channels;
 * feed their channels; and use any topic whose first level is not the service's own. Such topics are theirs alone: the
 * broker keeps those of two people apart.
 */
export function mqttRights({
  userId,
  access,
  stage,
}: MqttUser): Pick<MqttIdentity, 'mayPublish' | 'maySubscribe'> {
  const own = `${stage}/frontend/${userId}/`;
  const isCustom = (topic: string): boolean => {
    const first = topic.split('/', 1)[0] as string;
    return (
      !first.startsWith('$') && !/[#+]/.test(first) && first !== stage && !RESERVED_TOPICS.includes(first)
    );
  };
  return {
    mayPublish: (topic) => {
      const id = fedChannel(topic);
      if (id !== undefined) return allows(access, { uri: 'gw/channels/messages', method: 'POST', id });
      return isCustom(topic) && allows(access, { uri: 'mqtt', method: 'POST', topic });
    },
    maySubscribe: (filter) => {
      if (filter.startsWith(own)) return access.kind !== 'acl';
      const channels = channelFilter(filter);
      if (channels !== undefined) return mayRead(access, channels.id);
      return isCustom(filter) && allows(access, { uri: 'mqtt', method: 'GET', topic: filter });
    },
  };
}

/** Which of all channels a token may read is looked at for each one. */
function mayRead(access: TokenAccess, id: number | 'all'): boolean {
  if (access.kind !== 'acl') return true;
  if (id !== 'all') return allows(access, { uri: 'gw/channels/messages', method: 'GET', id });
  return access.acl.some(({ uri, methods }) => uri !== 'mqtt' && (methods?.includes('GET') ?? true));
}
