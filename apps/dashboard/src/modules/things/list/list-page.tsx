import { useQuery } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { useLive } from '../../../lib/use-live';
import { t } from '../../../strings';
import { PageHeader } from '../../../ui/page';
import { Loaded, Skeleton } from '../../../ui/states';
import { CreateDialog } from '../create/create-dialog';
import { countsQuery, LISTS } from '../queries';
import { CreateLink, StartHere } from '../start-here';
import { Found } from './found';

const route = getRouteApi('/app/things');

/** All things; search, status and order stand in the address. */
export default function ListPage() {
  useLive(['things/+/messages/+'], { keeps: [LISTS] });
  const counts = useQuery(countsQuery);
  const search = route.useSearch();
  const { dialog, ...rest } = search;
  const navigate = useNavigate();
  const close = () => void navigate({ to: '/things', replace: true, search: rest });
  return (
    <>
      <PageHeader
        title={t.things.title}
        actions={counts.data && counts.data.total > 0 && <CreateLink search={search} />}
      />
      <Loaded query={counts} skeleton={<Skeleton rows={6} className="h-14" />}>
        {(data) => (data.total === 0 ? <StartHere /> : <Found counts={data} />)}
      </Loaded>
      <CreateDialog isOpen={dialog === 'create'} onClose={close} />
    </>
  );
}
