import { useQuery } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { Router } from 'lucide-react';
import { lazy, type ReactNode, useState } from 'react';
import { useLive } from '../../../lib/use-live';
import { t } from '../../../strings';
import { Detail, DetailTabs } from '../../../ui/detail';
import { InstallationCard } from '../installation/installation-card';
import { OutcomeBanner } from '../installation/outcome-banner';
import { ReleaseBar } from '../installation/release-bar';
import type { ServerFacts } from '../node-map';
import { noticesQuery, profileQuery, serverQuery } from '../queries';
import { type Tab, tabs } from '../search';
import { back, DetailHeader } from './detail-header';
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
  return (
    <Detail
      query={server}
      icon={Router}
      back={back}
      gone={{ title: t.nodeServers.goneTitle, text: t.nodeServers.goneText }}
    >
      {(data) => <ServerDetail key={id} server={data} />}
    </Detail>
  );
}

function ServerDetail({ server }: { server: ServerFacts }) {
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
      <DetailTabs
        label={t.nodeServers.parts}
        tabs={tabs.map((value) => ({
          value,
          label: t.nodeServers.tabs[value],
          count: counts[value],
          isUrgent: value === 'notices',
          content: contents[value](server),
        }))}
        value={shown}
        onChange={(next) => void navigate({ to: '/node-servers/$id', params: { id }, search: { tab: next } })}
      />
    </>
  );
}

const contents: Record<Tab, (server: ServerFacts) => ReactNode> = {
  notices: (server) => <NoticesTab server={server} />,
  nodes: (server) => <NodesTab server={server} />,
  parameters: (server) => <ParamsTab server={server} />,
  log: (server) => <LogTab server={server} />,
  settings: (server) => <SettingsTab server={server} />,
};
