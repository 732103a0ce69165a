import type { BackupList } from '@polyrelay/contract';
import type { QueryClient } from '@tanstack/react-query';
import type { LiveEvent } from '../../lib/live-batch';
import { backupsQuery } from './queries';

/** How far the backup under way is. */
function withProgress(list: BackupList, { topic, payload }: LiveEvent): BackupList {
  const { step, bytes } = payload;
  return {
    ...list,
    items: list.items.map((item) =>
      topic === `backups/${item.name}` && item.state === 'running'
        ? { ...item, step: String(step), bytes: Number(bytes) }
        : item,
    ),
  };
}

/** Shows progress as it comes; what else happened is fetched. */
export function patchBackups(events: LiveEvent[], client: QueryClient): void {
  const own = events.filter(({ topic }) => topic.startsWith('backups/'));
  const list = client.getQueryData(backupsQuery.queryKey);
  if (own.length === 0 || list === undefined) return;
  const isShown = (event: LiveEvent) =>
    'step' in event.payload && list.items.some(({ name }) => event.topic === `backups/${name}`);
  if (own.every(isShown)) client.setQueryData(backupsQuery.queryKey, own.reduce(withProgress, list));
  else void client.invalidateQueries({ queryKey: backupsQuery.queryKey });
}
