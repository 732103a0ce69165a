import { Link, useRouter } from '@tanstack/react-router';
import { Compass } from 'lucide-react';
import { t } from '../strings';
import { buttonClass } from '../ui/button';
import { useTitle } from '../ui/page';
import { Empty, Failure, Skeleton } from '../ui/states';

/** There is no page at this address. */
export function NotFound() {
  useTitle(t.notFound.title);
  return (
    <div className="mx-auto max-w-xl px-4 py-10">
      <Empty
        isPage
        icon={Compass}
        title={t.notFound.title}
        action={
          <Link to="/" className={buttonClass('main')}>
            {t.notFound.home}
          </Link>
        }
      >
        {t.notFound.text}
      </Empty>
    </div>
  );
}

/** A page broke: says so and can be tried again without losing the rest. */
export function PageError({ error, reset }: { error: unknown; reset: () => void }) {
  const router = useRouter();
  return (
    <div className="mx-auto max-w-xl px-4 py-10">
      <Failure
        error={error}
        onRetry={() => {
          reset();
          void router.invalidate();
        }}
      />
    </div>
  );
}

/** While a page's code arrives. */
export const PagePending = () => (
  <div className="py-2">
    <Skeleton rows={5} />
  </div>
);
