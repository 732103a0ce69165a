import { LoaderCircle, WifiOff } from 'lucide-react';
import { useEffect, useState } from 'react';
import { live } from '../lib/live';
import { useLiveState } from '../lib/use-live';
import { t } from '../strings';
import { Button } from '../ui/button';

/** A short break is none of the user's business. */
const QUIET_MS = 2500;

/** A quiet note over the page while the connection is broken; it covers nothing and moves nothing. */
export function LiveBanner() {
  const { status, lostAt } = useLiveState();
  const [isShown, setShown] = useState(false);
  useEffect(() => {
    if (status !== 'lost') {
      setShown(false);
      return;
    }
    const timer = setTimeout(() => setShown(true), Math.max(0, QUIET_MS - (Date.now() - (lostAt ?? 0))));
    return () => clearTimeout(timer);
  }, [status, lostAt]);
  return (
    <div
      role="status"
      className="pointer-events-none fixed inset-x-0 bottom-18 z-30 flex justify-center px-4 md:bottom-5 md:pl-60"
    >
      {isShown && (
        <div className="pointer-events-auto flex animate-rise items-center gap-3 rounded-full border border-edge bg-raised py-1.5 pr-1.5 pl-4 shadow-float">
          <WifiOff aria-hidden className="size-4 text-warn" />
          <span>{t.live.lost}</span>
          <Button size="sm" onClick={() => live.retryNow()} className="rounded-full">
            {t.live.retry}
          </Button>
        </div>
      )}
    </div>
  );
}

/** One line in the sidebar: whether what is shown is live. */
export function LiveMark() {
  const { status } = useLiveState();
  const isOpen = status === 'open';
  return (
    <p className="flex h-7 items-center gap-2 px-2.5 text-sm text-faint">
      {isOpen ? (
        <span aria-hidden className="size-2 rounded-full bg-good" />
      ) : status === 'lost' ? (
        <WifiOff aria-hidden className="size-3.5 text-warn" />
      ) : (
        <LoaderCircle aria-hidden className="size-3.5 animate-spin" />
      )}
      {isOpen ? t.live.open : status === 'lost' ? t.live.lostShort : t.live.connecting}
    </p>
  );
}
