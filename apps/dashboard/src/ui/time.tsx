import { useEffect, useState } from 'react';
import { duration, exact, relativeTime } from '../lib/format';
import { useNow } from '../lib/now';
import { t } from '../strings';

interface Props {
  at: string | null;
  /** Shown when there is no time. */
  otherwise?: string;
  /** False inside a link or a row that takes the focus itself. */
  isFocusable?: boolean;
}

/** A time as people say it, with the exact time on hover and focus. */
export function RelativeTime({ at, otherwise = t.time.never, isFocusable = true }: Props) {
  const now = useNow();
  if (at === null) return <span className="text-faint">{otherwise}</span>;
  const ms = Date.parse(at);
  return (
    <time
      dateTime={at}
      data-tip={exact(ms)}
      tabIndex={isFocusable ? 0 : undefined}
      className="whitespace-nowrap"
    >
      {relativeTime(ms, Math.max(now, Date.now() - 10_000))}
    </time>
  );
}

/** How long since a time: `3 d 4 h`. */
export function Elapsed({ since, isFocusable = false }: { since: string; isFocusable?: boolean }) {
  const now = useNow();
  const ms = Date.parse(since);
  return (
    <time
      dateTime={since}
      data-tip={t.time.since(exact(ms))}
      tabIndex={isFocusable ? 0 : undefined}
      className="whitespace-nowrap"
    >
      {duration((now - ms) / 1000)}
    </time>
  );
}

/** How long something under way has taken, by the second; `since` in ms since 1970. */
export function Stopwatch({ since }: { since: number }) {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, []);
  // A timer is not read out with every second.
  return <span role="timer">{duration((now - since) / 1000)}</span>;
}
