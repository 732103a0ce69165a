import type { Thing } from '@polyrelay/contract';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { ArrowLeft, Microchip } from 'lucide-react';
import { lazy, Suspense } from 'react';
import { ApiError } from '../../../lib/api';
import { useLive } from '../../../lib/use-live';
import { t } from '../../../strings';
import { Banner } from '../../../ui/banner';
import { buttonClass } from '../../../ui/button';
import { Bone, Empty, Failure, Skeleton } from '../../../ui/states';
import { TabPanel, Tabs } from '../../../ui/tabs';
import { thingQuery } from '../queries';
import { tabs } from '../search';
import { DetailHeader } from './detail-header';
import { FirstSteps } from './first-steps';
import { ThingFacts } from './thing-facts';

const MessagesTab = lazy(() =>
  import('../messages/messages-tab').then((module) => ({ default: module.MessagesTab })),
);
const SendTab = lazy(() => import('../send/send-tab').then((module) => ({ default: module.SendTab })));
const SdkTab = lazy(() => import('../sdk/sdk-tab').then((module) => ({ default: module.SdkTab })));
const SettingsTab = lazy(() =>
  import('../settings/settings-tab').then((module) => ({ default: module.SettingsTab })),
);

const route = getRouteApi('/app/things/$id');

/** One thing: state and actions above, the rest in tabs that the address names. */
export default function DetailPage() {
  const { id } = route.useParams();
  useLive([`things/${id}/#`], { keeps: [thingQuery(id).queryKey] });
  const thing = useQuery(thingQuery(id));
  if (thing.data) return <Detail key={id} thing={thing.data} />;
  if (thing.error instanceof ApiError && (thing.error.status === 404 || thing.error.status === 400))
    return <Gone />;
  if (thing.error) return <Failure error={thing.error} onRetry={() => void thing.refetch()} />;
  return (
    <div className="flex flex-col gap-5">
      <Bone className="h-8 w-64" />
      <Bone className="h-10" />
      <Skeleton rows={4} />
    </div>
  );
}

function Detail({ thing }: { thing: Thing }) {
  const { id } = thing;
  const { tab = 'messages' } = route.useSearch();
  const navigate = useNavigate();
  return (
    <>
      <DetailHeader thing={thing} tab={tab} />
      <div className="mb-4 flex flex-col gap-3">
        {!thing.enabled && (
          <Banner tone="warn" title={t.things.disabledTitle}>
            {t.things.disabledText}
          </Banner>
        )}
        <FirstSteps thing={thing} />
        <ThingFacts thing={thing} />
      </div>
      <Tabs
        label={t.things.parts}
        tabs={tabs.map((value) => ({ value, label: t.things.tabs[value] }))}
        value={tab}
        onChange={(next) => void navigate({ to: '/things/$id', params: { id }, search: { tab: next } })}
      >
        <Suspense
          fallback={
            <div className="pt-5">
              <Skeleton />
            </div>
          }
        >
          <TabPanel value="messages">
            <MessagesTab thing={thing} />
          </TabPanel>
          <TabPanel value="send">
            <SendTab thing={thing} />
          </TabPanel>
          <TabPanel value="sdk">
            <SdkTab thing={thing} />
          </TabPanel>
          <TabPanel value="settings">
            <SettingsTab thing={thing} />
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
      icon={Microchip}
      title={t.things.goneTitle}
      action={
        <Link to="/things" className={buttonClass('main')}>
          <ArrowLeft aria-hidden className="size-4" />
          {t.things.title}
        </Link>
      }
    >
      {t.things.goneText}
    </Empty>
  );
}
