import { Activity } from 'lucide-react';
import type { DashboardModule } from '../../lib/module';
import { t } from '../../strings';

/** The event log: everything that happened, as it happens. */
export const events: DashboardModule = {
  name: 'events',
  navigation: [{ label: t.events.title, to: '/events', icon: Activity, key: 'e', order: 60, isRare: true }],
};
