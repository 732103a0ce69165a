import type { Monitor } from '@polyrelay/contract';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { Radio } from 'lucide-react';
import { lazy, type ReactNode } from 'react';
import { refetchSoon } from '../../../lib/patch';
import { useUser } from '../../../lib/session';
import { useLive } from '../../../lib/use-live';
import { t } from '../../../strings';
import { Banner } from '../../../ui/banner';
import { buttonClass } from '../../../ui/button';
import { Detail, DetailTabs } from '../../../ui/detail';
import { liveTopicsOf } from '../builder/topics';
import { useTopics } from '../builder/use-topics';
import { MONITOR, monitorQuery } from '../queries';
import { type DetailSearch, type Tab, tabs } from '../search';
import { isFailing } from '../status';
import { back, DetailHeader } from './detail-header';
import { ReplayDialog } from './replay-dialog';
import { TestBanner } from './test-banner';
import { useTest } from './use-test';

const OverviewTab = lazy(() =>
  import('../overview/overview-tab').then((module) => ({ default: module.OverviewTab })),
);
const EventsTab = lazy(() =>
  import('../preview/events-tab').then((module) => ({ default: module.EventsTab })),
);
const BlocksTab = lazy(() =>
  import('../blocks/blocks-tab').then((module) => ({ default: module.BlocksTab })),
);
const UseTab = lazy(() => import('../use/use-tab').then((module) => ({ default: module.UseTab })));
const SettingsTab = lazy(() =>
  import('../settings/settings-tab').then((module) => ({ default: module.SettingsTab })),
);

const route = getRouteApi('/app/monitors/$id');

/** How long what happens is waited out before it is counted what waits. */
const LAG_MS = 3000;

/** One monitor: status and actions above, the rest in tabs that the address names. */
export default function DetailPage() {
  const { id } = route.useParams();
  useLive([`monitors/${id}/#`], { keeps: [[MONITOR, id]] });
  const monitor = useQuery(monitorQuery(id));
  return (
    <Detail
      query={monitor}
      icon={Radio}
      back={back}
      gone={{ title: t.monitors.goneTitle, text: t.monitors.goneText }}
    >
      {(data) => <MonitorDetail key={id} monitor={data} />}
    </Detail>
  );
}

function MonitorDetail({ monitor }: { monitor: Monitor }) {
  const search = route.useSearch();
  const user = useUser();
  const navigate = useNavigate();
  const test = useTest(monitor);
  useLag(monitor);
  const go = (next: DetailSearch, replace: boolean) =>
    void navigate({
      to: '/monitors/$id',
      params: { id: String(monitor.id) },
      search: next,
      replace,
      resetScroll: !replace,
    });
  return (
    <>
      <DetailHeader monitor={monitor} search={search} test={test} />
      <div className="mb-4 flex flex-col gap-3 empty:hidden">
        {monitor.ownerId !== user.id && (
          <Banner tone="info" title={t.monitors.otherOwner}>
            <p>{t.monitors.otherOwnerText}</p>
          </Banner>
        )}
        {isFailing(monitor) && <Trouble monitor={monitor} />}
        <TestBanner monitor={monitor} test={test} />
      </div>
      <DetailTabs
        label={t.monitors.parts}
        tabs={tabs.map((value) => ({
          value,
          label: t.monitors.tabs[value],
          content: contents[value](monitor),
        }))}
        value={search.tab ?? 'overview'}
        onChange={(tab) => go({ tab }, false)}
      />
      <ReplayDialog
        monitor={monitor}
        isOpen={search.dialog === 'replay'}
        onClose={() => go({ ...search, dialog: undefined }, true)}
      />
    </>
  );
}

/** While nobody takes them, each event that matches waits: no event of the monitor itself tells of that. */
function useLag({ id, topic, status, lag }: Monitor): void {
  const client = useQueryClient();
  const { topics } = useTopics(topic);
  const mayGrow = status !== 'INACTIVE' && status !== 'DISABLED' && (status !== 'ACTIVE' || lag.events > 0);
  const filters = mayGrow ? liveTopicsOf(topics) : [];
  useLive(filters, {
    keeps: [],
    onEvents: (events) => {
      if (events.some((event) => !event.topic.startsWith('monitors/')))
        refetchSoon(client, monitorQuery(id).queryKey, LAG_MS);
    },
  });
}

/** Why it does not get through, and what to do. */
function Trouble({ monitor: { id, status, statusReason } }: { monitor: Monitor }) {
  const isDisabled = status === 'DISABLED';
  return (
    <Banner
      tone={isDisabled ? 'bad' : 'warn'}
      title={isDisabled ? t.monitors.reasons.DISABLED : t.monitors.reasons.CONNECTING}
      actions={
        <Link
          to="/monitors/$id"
          params={{ id: String(id) }}
          search={{ tab: 'settings' }}
          className={buttonClass('plain', 'sm')}
        >
          {t.monitors.reasons.toSettings}
        </Link>
      }
    >
      {statusReason !== null && <p>{statusReason}</p>}
      {isDisabled && <p>{t.monitors.reasons.DISABLEDText}</p>}
    </Banner>
  );
}

const contents: Record<Tab, (monitor: Monitor) => ReactNode> = {
  overview: (monitor) => <OverviewTab monitor={monitor} />,
  events: (monitor) => <EventsTab monitor={monitor} />,
  blocks: (monitor) => <BlocksTab monitor={monitor} />,
  use: (monitor) => <UseTab monitor={monitor} />,
  settings: (monitor) => <SettingsTab monitor={monitor} />,
};
