import type { MessageCount, Thing } from '@polyrelay/contract';
import { useQuery } from '@tanstack/react-query';
import { Download } from 'lucide-react';
import { useState } from 'react';
import { saveLink } from '../../../lib/download';
import { bytes, exact } from '../../../lib/format';
import { toast } from '../../../lib/toast';
import { useDownload } from '../../../lib/use-download';
import { t } from '../../../strings';
import { Button } from '../../../ui/button';
import { Dialog } from '../../../ui/dialog';
import { Facts } from '../../../ui/facts';
import { FormError } from '../../../ui/field';
import { Loaded, Skeleton } from '../../../ui/states';
import { Stopwatch } from '../../../ui/time';
import type { MessageFilter } from './filter';
import { countQuery, paths, type Taken } from './queries';

/** More than this is not put together in the page's memory. */
const MOST_IN_PAGE = 256_000_000;

interface Props {
  thing: Thing;
  filter: MessageFilter;
  taken: Taken;
  onClose: () => void;
}

/** The messages of the range as a zip: first how many they are, then how far it is. */
export function DownloadDialog({ thing, filter, taken, onClose }: Props) {
  const counted = useQuery(countQuery(thing.id, taken));
  return (
    <Dialog isOpen onClose={onClose} title={t.messages.downloadTitle} description={t.messages.downloadText}>
      <Loaded query={counted} skeleton={<Skeleton rows={2} className="h-10" />}>
        {(count) => (
          <div className="flex flex-col gap-4">
            <TakenFacts filter={filter} count={count} />
            {filter.text && <p className="text-sm text-soft">{t.messages.noText}</p>}
            {count.count === 0 ? (
              <>
                <p className="text-soft">{t.messages.nothing}</p>
                <Button onClick={onClose} className="self-end">
                  {t.ui.close}
                </Button>
              </>
            ) : (
              <Start thing={thing} taken={taken} count={count} onClose={onClose} />
            )}
          </div>
        )}
      </Loaded>
    </Dialog>
  );
}

/** Which messages, how many and how large. */
export function TakenFacts({ filter, count }: { filter: MessageFilter; count: MessageCount }) {
  const { oldest, newest } = count;
  return (
    <Facts
      facts={[
        {
          label: t.messages.ofType[filter.type ?? 'all'],
          value: (
            <>
              {t.messages.ofRange[filter.range]}: {t.messages.taken(count.count, bytes(count.bytes))}
            </>
          ),
        },
        ...(oldest !== null && newest !== null
          ? [{ label: t.messages.span, value: `${exact(Date.parse(oldest))} – ${exact(Date.parse(newest))}` }]
          : []),
      ]}
    />
  );
}

function Start({ thing, taken, count, onClose }: Omit<Props, 'filter'> & { count: MessageCount }) {
  const download = useDownload();
  const [since, setSince] = useState(0);
  const [error, setError] = useState<string | null>(null);
  const path = paths.archive(thing.id, taken);
  const day = (taken.to ?? new Date().toISOString()).slice(0, 10);
  const name = `${thing.name}-messages-${day}.zip`;
  const isLarge = count.bytes > MOST_IN_PAGE;
  const start = async () => {
    if (isLarge) {
      saveLink(name, path);
      onClose();
      return;
    }
    setSince(Date.now());
    setError(null);
    try {
      const isSaved = await download.save(path, name);
      if (isSaved) toast.success(t.messages.saved(name));
      else toast.info(t.messages.stopped);
      if (isSaved) onClose();
    } catch (cause) {
      setError(cause instanceof Error ? cause.message : String(cause));
    }
  };
  return (
    <>
      {isLarge && <p className="text-sm text-soft">{t.messages.byBrowser}</p>}
      <FormError text={error} />
      <div className="flex flex-wrap items-center justify-end gap-2">
        {download.bytes !== null && (
          <span className="mr-auto text-sm text-soft">
            <span role="status">{t.messages.got(bytes(download.bytes))}</span> · <Stopwatch since={since} />
          </span>
        )}
        <Button onClick={download.bytes === null ? onClose : download.cancel}>
          {download.bytes === null ? t.ui.cancel : t.messages.stop}
        </Button>
        <Button kind="main" icon={Download} isBusy={download.bytes !== null} onClick={() => void start()}>
          {t.messages.start}
        </Button>
      </div>
    </>
  );
}
