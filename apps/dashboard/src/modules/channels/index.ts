import { Waypoints } from 'lucide-react';
import { lazy } from 'react';
import type { DashboardModule } from '../../lib/module';
import { t } from '../../strings';
import { patchCaches } from './cache';
import { usePalette } from './palette';
import { CHANNEL, CHANNELS } from './queries';

/** Channels: streams of messages that programs read by cursor. */
export const channels: DashboardModule = {
  name: 'channels',
  navigation: [{ label: t.channels.title, to: '/channels', icon: Waypoints, key: 'c', order: 30 }],
  topics: ['channels/+'],
  keeps: [[CHANNELS], [CHANNEL]],
  onEvents: patchCaches,
  usePalette,
  Overview: lazy(() => import('./overview-card')),
};
