import { access } from './access';
import { backups } from './backups';
import { channels } from './channels';
import { common } from './common';
import { events } from './events';
import { messages } from './messages';
import { monitors } from './monitors';
import { nodeServerForms } from './node-server-forms';
import { nodeServers } from './node-servers';
import { nodes } from './nodes';
import { oauth } from './oauth';
import { policies } from './policies';
import { store } from './store';
import { system } from './system';
import { things } from './things';

/** Every sentence of the dashboard, in English, a file for each part. Another language is another folder with the same keys. */
export const en = {
  ...common,
  ...access,
  ...backups,
  ...system,
  ...nodeServers,
  ...things,
  ...messages,
  ...channels,
  ...monitors,
  ...policies,
  ...nodes,
  ...nodeServerForms,
  ...store,
  ...events,
  ...oauth,
};
