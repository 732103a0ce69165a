import { useInfiniteQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { t } from '../../../strings';
import { Chip } from '../../../ui/badge';
import { PageHeader } from '../../../ui/page';
import { Loaded, Skeleton } from '../../../ui/states';
import { listQuery } from '../queries';
import { CreateLink, StartHere } from '../start-here';
import { Found } from './found';

const route = getRouteApi('/app/monitors');

/** All monitors; search, filter and order stand in the address. */
export default function ListPage() {
  const query = useInfiniteQuery(listQuery(route.useSearch()));
  const total = query.data?.pages[0]?.total;
  const isAny = total !== undefined && total > 0;
  return (
    <>
      <PageHeader
        title={t.monitors.title}
        beside={isAny && <Chip>{total.toLocaleString('en')}</Chip>}
        actions={isAny && <CreateLink />}
      />
      <Loaded query={query} skeleton={<Skeleton rows={6} className="h-14" />}>
        {() => (total === 0 ? <StartHere /> : <Found query={query} />)}
      </Loaded>
    </>
  );
}
