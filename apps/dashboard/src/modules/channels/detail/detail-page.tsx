import type { Channel } from '@polyrelay/contract';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { Waypoints } from 'lucide-react';
import { lazy, type ReactNode } from 'react';
import { useLive } from '../../../lib/use-live';
import { t } from '../../../strings';
import { Banner } from '../../../ui/banner';
import { Detail, DetailTabs } from '../../../ui/detail';
import { AddDialog } from '../messages/add-dialog';
import { CHANNEL, channelQuery, readersQuery } from '../queries';
import { type Tab, tabs } from '../search';
import { back, DetailHeader } from './detail-header';
import { FirstSteps } from './first-steps';

const OverviewTab = lazy(() =>
  import('../overview/overview-tab').then((module) => ({ default: module.OverviewTab })),
);
const MessagesTab = lazy(() =>
  import('../messages/messages-tab').then((module) => ({ default: module.MessagesTab })),
);
const RulesTab = lazy(() => import('../rules/rules-tab').then((module) => ({ default: module.RulesTab })));
const UseTab = lazy(() => import('../use/use-tab').then((module) => ({ default: module.UseTab })));
const SettingsTab = lazy(() =>
  import('../settings/settings-tab').then((module) => ({ default: module.SettingsTab })),
);

const route = getRouteApi('/app/channels/$id');

/** One channel: state and first steps above, the rest in tabs that the address names. */
export default function DetailPage() {
  const { id } = route.useParams();
  useLive([`channels/${id}/#`], { keeps: [[CHANNEL, id], readersQuery(Number(id)).queryKey] });
  const channel = useQuery(channelQuery(id));
  return (
    <Detail
      query={channel}
      icon={Waypoints}
      back={back}
      gone={{ title: t.channels.goneTitle, text: t.channels.goneText }}
    >
      {(data) => <ChannelDetail key={id} channel={data} />}
    </Detail>
  );
}

function ChannelDetail({ channel }: { channel: Channel }) {
  const search = route.useSearch();
  const navigate = useNavigate();
  const params = { id: String(channel.id) };
  const closeDialog = () =>
    void navigate({
      to: '/channels/$id',
      params,
      search: { ...search, dialog: undefined },
      replace: true,
      resetScroll: false,
    });
  return (
    <>
      <DetailHeader channel={channel} search={search} />
      <div className="mb-4 flex flex-col gap-3 empty:hidden">
        {!channel.enabled && (
          <Banner tone="warn" title={t.channels.disabledTitle}>
            {t.channels.disabledText}
          </Banner>
        )}
        <FirstSteps channel={channel} />
      </div>
      <DetailTabs
        label={t.channels.parts}
        tabs={tabs.map((value) => ({
          value,
          label: t.channels.tabs[value],
          content: contents[value](channel),
        }))}
        value={search.tab ?? 'overview'}
        onChange={(tab) => void navigate({ to: '/channels/$id', params, search: { tab } })}
      />
      <AddDialog channel={channel} isOpen={search.dialog === 'add'} onClose={closeDialog} />
    </>
  );
}

const contents: Record<Tab, (channel: Channel) => ReactNode> = {
  overview: (channel) => <OverviewTab channel={channel} />,
  messages: (channel) => <MessagesTab channel={channel} />,
  rules: (channel) => <RulesTab channel={channel} />,
  use: (channel) => <UseTab channel={channel} />,
  settings: (channel) => <SettingsTab channel={channel} />,
};
