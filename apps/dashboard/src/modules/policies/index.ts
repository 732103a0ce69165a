import { Gauge, Scale } from 'lucide-react';
import type { DashboardModule } from '../../lib/module';
import { t } from '../../strings';
import { policiesQuery } from './queries';

/** What users may do at most: their own for all, everybody's for administrators. */
export const policies: DashboardModule = {
  name: 'policies',
  settings: [
    { label: t.usage.title, to: '/settings/usage', icon: Gauge, order: 25 },
    { label: t.policies.title, to: '/settings/policies', icon: Scale, order: 35, adminOnly: true },
  ],
  topics: ['policies/+'],
  keeps: [policiesQuery.queryKey],
  onEvents: (events, client) => {
    if (events.some(({ topic }) => topic.startsWith('policies/')))
      void client.invalidateQueries({ queryKey: policiesQuery.queryKey });
  },
};
