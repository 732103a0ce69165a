import { DatabaseBackup } from 'lucide-react';
import type { DashboardModule } from '../../lib/module';
import { t } from '../../strings';
import { useAttention } from './attention';
import { patchBackups } from './cache';
import { backupsQuery } from './queries';

/** Backups: made by themselves and on demand, downloaded, deleted. */
export const backups: DashboardModule = {
  name: 'backups',
  settings: [
    {
      label: t.backups.title,
      to: '/settings/backups',
      icon: DatabaseBackup,
      order: 60,
      adminOnly: true,
    },
  ],
  topics: ['backups/+'],
  keeps: [backupsQuery.queryKey],
  onEvents: patchBackups,
  useAttention,
};
