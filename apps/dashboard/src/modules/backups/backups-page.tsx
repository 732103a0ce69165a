import type { Backup, BackupList } from '@polyrelay/contract';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { DatabaseBackup } from 'lucide-react';
import { useState } from 'react';
import { api } from '../../lib/api';
import { exact } from '../../lib/format';
import { toast } from '../../lib/toast';
import { t } from '../../strings';
import { Button } from '../../ui/button';
import { CodeBlock } from '../../ui/code-block';
import { ConfirmDialog } from '../../ui/confirm';
import { CopyButton } from '../../ui/copy';
import { Facts } from '../../ui/facts';
import { Card, PageHeader } from '../../ui/page';
import { Empty, Loaded, Skeleton } from '../../ui/states';
import { RelativeTime } from '../../ui/time';
import { BackupRow } from './backup-row';
import { backupsQuery } from './queries';

/** Backups: what there is, when the next one comes, and how to restore one. */
export default function BackupsPage() {
  const backups = useQuery(backupsQuery);
  const client = useQueryClient();
  const [deleted, setDeleted] = useState<Backup | null>(null);
  const refresh = () => client.invalidateQueries({ queryKey: backupsQuery.queryKey });
  const make = useMutation({
    mutationFn: () => api.post<Backup>('/api/backups'),
    onError: (error) => toast.error(t.backups.notBegun, { description: error.message }),
    onSettled: refresh,
  });
  const remove = async () => {
    if (!deleted) return;
    await api.delete(`/api/backups/${deleted.name}`);
    await refresh();
    toast.success(t.backups.deleted);
  };
  const isRunning = make.isPending || (backups.data?.items.some(({ state }) => state === 'running') ?? false);
  const add = (
    <Button kind="main" icon={DatabaseBackup} isBusy={isRunning} onClick={() => make.mutate()}>
      {isRunning ? t.backups.making : t.backups.make}
    </Button>
  );
  return (
    <>
      <PageHeader title={t.backups.title} below={t.backups.text} actions={add} />
      <Loaded query={backups} skeleton={<Skeleton rows={3} />}>
        {(list) => (
          <div className="flex flex-col gap-5">
            <Notes list={list} />
            {list.items.length === 0 ? (
              <Empty icon={DatabaseBackup} title={t.backups.emptyTitle}>
                {t.backups.emptyText(list.everyHours)}
              </Empty>
            ) : (
              <Card isFlush>
                <ul aria-label={t.backups.title} className="divide-y divide-line">
                  {list.items.map((backup) => (
                    <BackupRow key={backup.name} backup={backup} onDelete={() => setDeleted(backup)} />
                  ))}
                </ul>
              </Card>
            )}
            <ScheduleCard list={list} />
            <RestoreCard list={list} />
          </div>
        )}
      </Loaded>
      <ConfirmDialog
        isOpen={deleted !== null}
        onClose={() => setDeleted(null)}
        title={t.backups.deleteTitle(deleted === null ? '' : exact(Date.parse(deleted.createdAt)))}
        action={t.backups.delete}
        onConfirm={remove}
      >
        {t.backups.deleteText}
      </ConfirmDialog>
    </>
  );
}

/** What went wrong last, and what to be careful with. */
function Notes({ list: { failure, encrypts } }: { list: BackupList }) {
  return (
    <>
      {failure && (
        <p role="alert" className="rounded-md bg-bad-ground px-3 py-2 text-bad">
          <strong>{t.backups.failed}</strong> (<RelativeTime at={failure.at} />
          ): {failure.message}
        </p>
      )}
      {!encrypts && <p className="rounded-md bg-warn-ground px-3 py-2 text-warn">{t.backups.warning}</p>}
    </>
  );
}

function ScheduleCard({ list: { next, everyHours, keep, folder } }: { list: BackupList }) {
  return (
    <Card title={t.backups.schedule}>
      <Facts
        facts={[
          { label: t.backups.next, value: <RelativeTime at={next} otherwise={t.backups.noSchedule} /> },
          { label: t.backups.every, value: t.backups.everyHours(everyHours) },
          { label: t.backups.keep, value: t.backups.keepNewest(keep) },
          { label: t.backups.folder, value: <code className="font-mono text-sm">{folder}</code> },
        ]}
      />
      <p className="mt-2 text-sm text-soft">{t.backups.settings}</p>
    </Card>
  );
}

function RestoreCard({ list: { items } }: { list: BackupList }) {
  const newest = items.find(({ state }) => state === 'done');
  const command = t.backups.command(newest?.name ?? t.backups.anyName, newest?.encrypted ?? false);
  return (
    <Card title={t.backups.restore} actions={<CopyButton text={command} what={t.backups.commandName} />}>
      <p className="mb-3 text-soft">{t.backups.restoreText}</p>
      <CodeBlock label={t.backups.commandName} text={command} />
    </Card>
  );
}
