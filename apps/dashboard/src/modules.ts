import type { DashboardModule } from './lib/module';
import { access } from './modules/access';
import { backups } from './modules/backups';
import { channels } from './modules/channels';
import { events } from './modules/events';
import { monitors } from './modules/monitors';
import { nodeServers } from './modules/node-servers';
import { oauth } from './modules/oauth';
import { policies } from './modules/policies';
import { store } from './modules/store';
import { system } from './modules/system';
import { things } from './modules/things';

/** What the dashboard consists of; their routes stand in `router.tsx`. */
export const modules: readonly DashboardModule[] = [
  system,
  nodeServers,
  things,
  channels,
  monitors,
  store,
  oauth,
  events,
  access,
  policies,
  backups,
];
