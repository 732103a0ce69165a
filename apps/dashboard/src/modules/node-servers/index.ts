import { Cpu, Router } from 'lucide-react';
import { lazy } from 'react';
import type { DashboardModule } from '../../lib/module';
import { t } from '../../strings';
import { useAttention } from './attention';
import { patchCaches } from './cache';
import { usePalette } from './palette';

/** Node servers: what they are, how they do, their nodes, logs and settings. */
export const nodeServers: DashboardModule = {
  name: 'node-servers',
  navigation: [{ label: t.nodeServers.title, to: '/node-servers', icon: Router, key: 'n', order: 20 }],
  settings: [{ label: t.controllers.title, to: '/settings/controllers', icon: Cpu, order: 40 }],
  topics: ['nodeServers/+', 'nodeServers/+/notices/#', 'controllers/#'],
  keeps: [['node-servers'], ['notices'], ['controllers']],
  onEvents: patchCaches,
  useAttention,
  usePalette,
  Overview: lazy(() => import('./overview-card')),
};
