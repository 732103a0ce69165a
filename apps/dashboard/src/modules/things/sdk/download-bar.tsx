import { bytes } from '../../../lib/format';
import { t } from '../../../strings';
import { Button } from '../../../ui/button';
import { ProgressBar } from '../../../ui/progress-bar';

/** How much of the download is here, and a way to stop it. */
export function DownloadBar({ done, all, onCancel }: { done: number; all: number; onCancel: () => void }) {
  const percent = all > 0 ? Math.min(100, Math.round((done / all) * 100)) : 0;
  return (
    <div className="mt-4 flex items-center gap-3">
      <div className="min-w-0 flex-1">
        <ProgressBar label={t.things.downloading} percent={percent} />
        <p className="mt-1 text-sm text-faint">{t.things.downloadPart(bytes(done), bytes(all))}</p>
      </div>
      <Button size="sm" onClick={onCancel}>
        {t.ui.cancel}
      </Button>
    </div>
  );
}
