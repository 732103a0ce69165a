import { Store } from 'lucide-react';
import type { DashboardModule } from '../../lib/module';
import { t } from '../../strings';
import { staleAfter } from './queries';

/** The store: node servers that can be installed, and newer versions of those that are. */
export const store: DashboardModule = {
  name: 'store',
  navigation: [{ label: t.store.title, to: '/store', icon: Store, key: 't', order: 25, isRare: true }],
  topics: ['nodeServers/+'],
  keeps: [['store']],
  onEvents: staleAfter,
};
