import type { Backup } from '@polyrelay/contract';
import { Download } from 'lucide-react';
import { bytes, exact } from '../../lib/format';
import { t } from '../../strings';
import { Badge, Chip } from '../../ui/badge';
import { Button, buttonClass } from '../../ui/button';
import { RelativeTime } from '../../ui/time';

/** One backup: when, how large, and what can be done with it. */
export function BackupRow({ backup, onDelete }: { backup: Backup; onDelete: () => void }) {
  const { name, createdAt, encrypted, version, state, step } = backup;
  const isRunning = state === 'running';
  const time = exact(Date.parse(createdAt));
  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-2 px-4 py-3">
      <div className="min-w-0 flex-1 basis-56">
        <p className="flex flex-wrap items-center gap-2 font-medium">
          {time}
          {isRunning ? (
            <Badge tone="busy" isMoving>
              {t.backups.running}
            </Badge>
          ) : (
            <Chip tone={encrypted ? 'good' : 'idle'}>
              {encrypted ? t.backups.encrypted : t.backups.plain}
            </Chip>
          )}
        </p>
        <p className="text-sm text-soft">
          {bytes(backup.bytes)} ·{' '}
          {isRunning ? (
            t.backups.step(step ?? '')
          ) : (
            <>
              <RelativeTime at={createdAt} /> · {t.backups.version(version)}
            </>
          )}
        </p>
        <p className="truncate font-mono text-xs text-faint">{name}</p>
      </div>
      {!isRunning && (
        <div className="flex flex-wrap gap-2">
          <a
            href={`/api/backups/${name}`}
            download={name}
            className={buttonClass('plain', 'sm')}
            aria-label={t.backups.downloadOf(time)}
          >
            <Download aria-hidden className="size-4" />
            {t.backups.download}
          </a>
          <Button kind="dangerQuiet" size="sm" onClick={onDelete} aria-label={t.backups.deleteOf(time)}>
            {t.backups.delete}
          </Button>
        </div>
      )}
    </li>
  );
}
