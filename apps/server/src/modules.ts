import { access } from './modules/access/index.js';
import { backups } from './modules/backups/index.js';
import { channelTopics } from './modules/channel-topics/index.js';
import { channels } from './modules/channels/index.js';
import { flashlex } from './modules/flashlex/index.js';
import { flespi } from './modules/flespi/index.js';
import { idigi } from './modules/idigi/index.js';
import { messages } from './modules/messages/index.js';
import { monitors } from './modules/monitors/index.js';
import { nodeServers } from './modules/node-servers/index.js';
import { oauth } from './modules/oauth/index.js';
import { policies } from './modules/policies/index.js';
import { profiles } from './modules/profiles/index.js';
import { push } from './modules/push/index.js';
import { rules } from './modules/rules/index.js';
import { store } from './modules/store/index.js';
import { things } from './modules/things/index.js';
import { webhooks } from './modules/webhooks/index.js';
import { workers } from './modules/workers/index.js';

/** Every module, in the order it starts. A new system is a folder and a line here. */
export const modules = [
  access,
  profiles,
  nodeServers,
  workers,
  oauth,
  webhooks,
  store,
  policies,
  things,
  messages,
  flashlex,
  channels,
  flespi,
  rules,
  channelTopics,
  monitors,
  push,
  idigi,
  backups,
];
