import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { ArrowLeft, Router } from 'lucide-react';
import { lazy, Suspense, useState } from 'react';
import { ApiError } from '../../../lib/api';
import { useLive } from '../../../lib/use-live';
import { t } from '../../../strings';
import { buttonClass } from '../../../ui/button';
import { Bone, Empty, Failure, Skeleton } from '../../../ui/states';
import { TabPanel, Tabs } from '../../../ui/tabs';
import { InstallationCard } from '../installation/installation-card';
import { OutcomeBanner } from '../installation/outcome-banner';
import { ReleaseBar } from '../installation/release-bar';
import type { ServerFacts } from '../node-map';
import { noticesQuery, profileQuery, serverQuery } from '../queries';
import { type Tab, tabs } from '../search';
import { DetailHeader } from './detail-header';
import { SignInBanner } from './sign-in-banner';
import { StateBanner } from './state-banner';

const NoticesTab = lazy(() => import('./notices-tab').then((module) => ({ default: module.NoticesTab })));
const NodesTab = lazy(() => import('../nodes/nodes-tab').then((module) => ({ default: module.NodesTab })));
const ParamsTab = lazy(() =>
  import('../params/params-tab').then((module) => ({ default: module.ParamsTab })),
);
const LogTab = lazy(() => import('../log/log-tab').then((module) => ({ default: module.LogTab })));
const SettingsTab = lazy(() =>
  import('../settings/settings-tab').then((module) => ({ default: module.SettingsTab })),
);

const route = getRouteApi('/app/node-servers/$id');

/** One node server: state and actions above, the rest in tabs that the address names. */
export default function DetailPage() {
  const { id } = route.useParams();
  useLive([`nodeServers/${id}/#`], {
    keeps: [serverQuery(id).queryKey, noticesQuery(id).queryKey, profileQuery(id).queryKey],
  });
  const server = useQuery({ ...serverQuery(id), select: (data) => data.server });
  if (server.data) return <Detail key={id} server={server.data} />;
  if (server.error instanceof ApiError && (server.error.status === 404 || server.error.status === 400))
    return <Gone />;
  if (server.error) return <Failure error={server.error} onRetry={() => void server.refetch()} />;
  return (
    <div className="flex flex-col gap-5">
      <Bone className="h-8 w-64" />
      <Bone className="h-10" />
      <Skeleton rows={4} />
    </div>
  );
}

function Detail({ server }: { server: ServerFacts }) {
  const { id } = server;
  const { tab } = route.useSearch();
  const navigate = useNavigate();
  const notices = useQuery(noticesQuery(id));
  const nodeCount = useQuery({ ...serverQuery(id), select: (data) => data.nodes.byAddress.size }).data;
  const noticeCount = notices.data?.length ?? server.noticeCount;
  // Without a choice in the address: what waits for the user, else the devices. Chosen once, so that it never jumps.
  const [first] = useState<Tab>(server.noticeCount > 0 ? 'notices' : 'nodes');
  const shown = tab ?? first;
  const counts: Partial<Record<Tab, number | undefined>> = { notices: noticeCount, nodes: nodeCount };
  return (
    <>
      <DetailHeader server={server} />
      <div className="mb-4 flex flex-col gap-3 empty:hidden">
        <StateBanner server={server} />
        <OutcomeBanner server={server} />
        {shown !== 'notices' && <SignInBanner id={id} />}
        <InstallationCard server={server} />
        <ReleaseBar server={server} />
      </div>
      <Tabs
        label={t.nodeServers.parts}
        tabs={tabs.map((value) => ({
          value,
          label: t.nodeServers.tabs[value],
          count: counts[value],
          isUrgent: value === 'notices',
        }))}
        value={shown}
        onChange={(next) => void navigate({ to: '/node-servers/$id', params: { id }, search: { tab: next } })}
      >
        <Suspense
          fallback={
            <div className="pt-5">
              <Skeleton />
            </div>
          }
        >
          <TabPanel value="notices">
            <NoticesTab server={server} />
          </TabPanel>
          <TabPanel value="nodes">
            <NodesTab server={server} />
          </TabPanel>
          <TabPanel value="parameters">
            <ParamsTab server={server} />
          </TabPanel>
          <TabPanel value="log">
            <LogTab server={server} />
          </TabPanel>
          <TabPanel value="settings">
            <SettingsTab server={server} />
          </TabPanel>
        </Suspense>
      </Tabs>
    </>
  );
}

function Gone() {
  return (
    <Empty
      isPage
      icon={Router}
      title={t.nodeServers.goneTitle}
      action={
        <Link to="/node-servers" className={buttonClass('main')}>
          <ArrowLeft aria-hidden className="size-4" />
          {t.nodeServers.title}
        </Link>
      }
    >
      {t.nodeServers.goneText}
    </Empty>
  );
}
