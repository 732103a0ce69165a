import { Radio } from 'lucide-react';
import { lazy } from 'react';
import type { DashboardModule } from '../../lib/module';
import { t } from '../../strings';
import { useAttention } from './attention';
import { patchCaches } from './cache';
import { usePalette } from './palette';
import { MONITOR, MONITORS } from './queries';

/** Push monitors: what happens, sent to applications. */
export const monitors: DashboardModule = {
  name: 'monitors',
  navigation: [{ label: t.monitors.title, to: '/monitors', icon: Radio, key: 'm', order: 40, isRare: true }],
  topics: ['monitors/+'],
  keeps: [[MONITORS], [MONITOR]],
  onEvents: patchCaches,
  useAttention,
  usePalette,
  Overview: lazy(() => import('./overview-card')),
};
