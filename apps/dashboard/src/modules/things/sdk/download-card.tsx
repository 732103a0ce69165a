import type { Distribution, Thing } from '@polyrelay/contract';
import { useQueryClient } from '@tanstack/react-query';
import { Download, KeyRound } from 'lucide-react';
import { useState } from 'react';
import { bytes } from '../../../lib/format';
import { toast } from '../../../lib/toast';
import { useDownload } from '../../../lib/use-download';
import { t } from '../../../strings';
import { Button } from '../../../ui/button';
import { FormError } from '../../../ui/field';
import { Fold } from '../../../ui/fold';
import { Card } from '../../../ui/page';
import { base, distributionQuery, thingQuery } from '../queries';
import { RotateDialog } from '../rotate-dialog';
import { DownloadBar } from './download-bar';
import { entries } from './entries';

/** The zip: what is in it, what becomes of the private key, and its download. */
export function DownloadCard({ thing, distribution }: { thing: Thing; distribution: Distribution }) {
  const { id } = thing;
  const { filename, version, files, privateKey } = distribution;
  const client = useQueryClient();
  const download = useDownload();
  const [error, setError] = useState<string | null>(null);
  const [isRotating, setRotating] = useState(false);
  const isRunning = download.bytes !== null;
  const get = async (withKey: boolean) => {
    setError(null);
    try {
      const path = `${base(id)}/dist${withKey ? '' : '?privateKey=false'}`;
      if (await download.save(path, filename)) toast.success(t.things.downloaded(filename));
    } catch (cause) {
      setError(cause instanceof Error ? cause.message : String(cause));
    }
    // Whether it arrived or not: the private key may be gone now.
    void client.invalidateQueries({ queryKey: thingQuery(id).queryKey });
    void client.invalidateQueries({ queryKey: distributionQuery(id).queryKey });
  };
  const isGone = privateKey === 'gone';
  return (
    <Card title={t.things.inBrowser}>
      <p className="text-soft">{t.things.inBrowserText}</p>
      <p className="mt-2 flex flex-wrap gap-x-2 text-sm text-faint">
        <code className="font-mono break-all">{filename}</code>
        <span>
          {bytes(distribution.bytes)} · {t.things.sdkVersion(version)}
        </span>
      </p>
      <p
        className={`mt-3 rounded-md px-3 py-2 ${isGone || thing.keepPrivateKey ? 'bg-sunken text-soft' : 'bg-warn-ground text-warn'}`}
      >
        {isGone ? t.things.keyGone : thing.keepPrivateKey ? t.things.keyKept : t.things.keyOnce}
      </p>
      <div className="mt-4 flex flex-wrap gap-2">
        {isGone ? (
          <Button icon={KeyRound} onClick={() => setRotating(true)}>
            {t.things.rotate}
          </Button>
        ) : (
          <Button kind="main" icon={Download} isBusy={isRunning} onClick={() => void get(true)}>
            {t.things.download(bytes(distribution.bytes))}
          </Button>
        )}
        <Button icon={Download} isBusy={isRunning} onClick={() => void get(false)}>
          {t.things.downloadWithoutKey}
        </Button>
      </div>
      {download.bytes !== null && (
        <DownloadBar done={download.bytes} all={distribution.bytes} onCancel={download.cancel} />
      )}
      <div className="mt-3 empty:hidden">
        <FormError text={error} />
      </div>
      <div className="mt-4">
        <Fold title={t.things.files(files.length)}>
          <ul className="mt-1 divide-y divide-line">
            {entries(files).map((entry) => (
              <li key={entry.name} className="flex flex-wrap items-baseline gap-x-3 py-1.5">
                <code className="min-w-0 flex-1 font-mono text-sm break-all">
                  {entry.count === 1 ? entry.name : t.things.filesOf(entry.name, entry.count)}
                </code>
                <span className="text-sm text-faint">{bytes(entry.bytes)}</span>
                {entry.about && <span className="w-full text-sm text-soft">{entry.about}</span>}
              </li>
            ))}
          </ul>
        </Fold>
      </div>
      <RotateDialog thing={thing} isOpen={isRotating} onClose={() => setRotating(false)} />
    </Card>
  );
}
