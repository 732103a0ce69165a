import { RotateCw } from 'lucide-react';
import { useEffect, useRef } from 'react';
import { t } from '../strings';
import { Button } from './button';
import { FormError } from './field';

export interface More {
  hasMore: boolean;
  isLoading: boolean;
  error: Error | null;
  load: () => void;
}

/** Fetches the next page as its end comes near; a button where that failed. */
export function MoreRows({ hasMore, isLoading, error, load }: More) {
  const end = useRef<HTMLDivElement>(null);
  const latest = useRef(load);
  latest.current = load;
  const isWanted = hasMore && !isLoading && error === null;
  useEffect(() => {
    if (!isWanted || !end.current) return;
    const observer = new IntersectionObserver(
      (entries) => entries.some(({ isIntersecting }) => isIntersecting) && latest.current(),
      { rootMargin: '800px' },
    );
    observer.observe(end.current);
    return () => observer.disconnect();
  }, [isWanted]);
  if (!hasMore) return null;
  return (
    <div ref={end} className="flex flex-col items-center gap-3 py-4 text-sm text-faint">
      {error ? (
        <>
          <FormError text={error.message} />
          <Button size="sm" icon={RotateCw} onClick={load}>
            {t.ui.retry}
          </Button>
        </>
      ) : (
        <span role="status">{t.ui.loading}</span>
      )}
    </div>
  );
}
