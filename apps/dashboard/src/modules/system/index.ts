import { Info, LayoutDashboard } from 'lucide-react';
import type { DashboardModule } from '../../lib/module';
import { t } from '../../strings';

/** The service itself: overview, health, about. */
export const system: DashboardModule = {
  name: 'system',
  navigation: [{ label: t.overview.title, to: '/', icon: LayoutDashboard, key: 'o', order: 10 }],
  settings: [{ label: t.about.title, to: '/settings/about', icon: Info, order: 90 }],
};
