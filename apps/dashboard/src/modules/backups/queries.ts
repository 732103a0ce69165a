import type { BackupList } from '@polyrelay/contract';
import { queryOptions } from '@tanstack/react-query';
import { api } from '../../lib/api';

export const backupsQuery = queryOptions({
  queryKey: ['backups'],
  queryFn: ({ signal }) => api.get<BackupList>('/api/backups', signal),
});
