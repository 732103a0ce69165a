import { useState } from 'react';
import { t } from '../../../strings';
import { Button } from '../../../ui/button';
import { ProgressBar } from '../../../ui/progress-bar';
import { Stopwatch } from '../../../ui/time';

/** How far the upload is, how long it has taken, and a way to stop it. */
export function UploadBar({ part, onCancel }: { part: number; onCancel: () => void }) {
  const [startedAt] = useState(() => Date.now());
  const percent = Math.round(part * 100);
  return (
    <div className="rounded-md border border-line bg-card p-3">
      <div className="mb-2 flex items-center justify-between gap-2 text-sm">
        <span>{percent < 100 ? t.register.uploading(percent) : t.register.unpacking}</span>
        <span className="text-faint">
          <Stopwatch since={startedAt} />
        </span>
      </div>
      <ProgressBar label={t.register.upload} percent={percent} />
      <Button size="sm" onClick={onCancel} className="mt-3">
        {t.ui.cancel}
      </Button>
    </div>
  );
}
