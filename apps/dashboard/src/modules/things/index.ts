import { Microchip } from 'lucide-react';
import { lazy } from 'react';
import type { DashboardModule } from '../../lib/module';
import { policyQuery } from '../../lib/policy';
import { t } from '../../strings';
import { useAttention } from './attention';
import { patchCaches } from './cache';
import { usePalette } from './palette';
import { THINGS } from './queries';

/** Things: computers that are sent messages and collected from. */
export const things: DashboardModule = {
  name: 'things',
  navigation: [{ label: t.things.title, to: '/things', icon: Microchip, key: 'h', order: 25 }],
  topics: ['things/+', 'policies/+'],
  keeps: [[THINGS], ['thing'], policyQuery.queryKey],
  onEvents: patchCaches,
  useAttention,
  usePalette,
  Overview: lazy(() => import('./overview-card')),
};
