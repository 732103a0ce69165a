import { thingTopics } from '@polyrelay/contract';
import { stringify } from 'yaml';
import { VERSION } from '#core/version.js';
import type { ServicePlace } from './place.js';

/** Names of a thing's key files in its distribution (FlashLex section 3). */
export const keyFiles = (name: string) => ({
  rootCA: 'root-ca-cert.pem',
  cert: `${name}-certificate.pem`,
  privateKey: `${name}-keypair-private.pem`,
  publicKey: `${name}-keypair-public.pem`,
});

const COMMENT = `# Which service this thing belongs to, and how it talks to it. Made by the service with the keys beside it.
`;

/**
 * `config.yml` with every key of FlashLex section 3: the published SDK fails on a missing one. It reads `app.db.dataPath`
 * and `thing.keys.path` from its command line.
 */
export function configFile(thing: { id: string; name: string }, place: ServicePlace): string {
  const topics = thingTopics(thing.name);
  const config = {
    flashlex: {
      app: {
        api: { endpoint: place.url, env: 'prd' },
        callback: 'persistent',
        thread: 'subscribe',
        message: 'This is a really basic message.',
        db: { subscriptionData: 'subscription.json', expireSeconds: 60 },
        dist: { commitSha: VERSION },
      },
      thing: {
        id: thing.id,
        name: thing.name,
        endpoint: place.mqtt.host,
        keys: keyFiles(thing.name),
        mqtt: {
          pubsub: { topic: topics.pubsub },
          ingress: { topic: topics.ingress },
          // An outside broker does not tell who publishes.
          egress: { topic: place.mqtt.outside ? topics.ownCollect : topics.collect },
          useWebsocket: false,
          port: place.mqtt.port,
          autoReconnectBackoffTime: {
            baseReconnectQuietTimeSecond: 1,
            maxReconnectQuietTimeSecond: 30,
            stableConnectionTimeSecond: 10,
          },
          offlinePublishQueueing: -1,
          drainingFrequency: 2,
          connectDisconnectTimeout: 60,
          mqttOperationTimeout: 120,
        },
      },
    },
  };
  // PyYAML reads YAML 1.1, where “no” and “12:30” are no texts. A long line is not folded.
  return COMMENT + stringify(config, { version: '1.1', lineWidth: 0 });
}
