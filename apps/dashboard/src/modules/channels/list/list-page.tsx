import { useInfiniteQuery } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { t } from '../../../strings';
import { Chip } from '../../../ui/badge';
import { PageHeader } from '../../../ui/page';
import { Loaded, Skeleton } from '../../../ui/states';
import { CreateDialog } from '../create/create-dialog';
import { listQuery } from '../queries';
import { CreateLink, StartHere } from '../start-here';
import { Found } from './found';

const route = getRouteApi('/app/channels');

/** All channels; search and order stand in the address. */
export default function ListPage() {
  const search = route.useSearch();
  const { dialog, ...rest } = search;
  const query = useInfiniteQuery(listQuery(search));
  const total = query.data?.pages[0]?.total;
  const navigate = useNavigate();
  const close = () => void navigate({ to: '/channels', replace: true, search: rest });
  return (
    <>
      <PageHeader
        title={t.channels.title}
        beside={total !== undefined && total > 0 && <Chip>{total.toLocaleString('en')}</Chip>}
        actions={total !== undefined && total > 0 && <CreateLink search={search} />}
      />
      <Loaded query={query} skeleton={<Skeleton rows={6} className="h-14" />}>
        {() => (total === 0 ? <StartHere /> : <Found query={query} />)}
      </Loaded>
      <CreateDialog isOpen={dialog === 'create'} onClose={close} />
    </>
  );
}
