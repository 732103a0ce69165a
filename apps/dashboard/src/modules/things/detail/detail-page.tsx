import type { Thing } from '@polyrelay/contract';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { Microchip } from 'lucide-react';
import { lazy, type ReactNode } from 'react';
import { useLive } from '../../../lib/use-live';
import { t } from '../../../strings';
import { Banner } from '../../../ui/banner';
import { Detail, DetailTabs } from '../../../ui/detail';
import { thingQuery } from '../queries';
import { type Tab, tabs } from '../search';
import { back, DetailHeader } from './detail-header';
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
  return (
    <Detail
      query={thing}
      icon={Microchip}
      back={back}
      gone={{ title: t.things.goneTitle, text: t.things.goneText }}
    >
      {(data) => <ThingDetail key={id} thing={data} />}
    </Detail>
  );
}

function ThingDetail({ thing }: { thing: Thing }) {
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
      <DetailTabs
        label={t.things.parts}
        tabs={tabs.map((value) => ({ value, label: t.things.tabs[value], content: contents[value](thing) }))}
        value={tab}
        onChange={(next) => void navigate({ to: '/things/$id', params: { id }, search: { tab: next } })}
      />
    </>
  );
}

const contents: Record<Tab, (thing: Thing) => ReactNode> = {
  messages: (thing) => <MessagesTab thing={thing} />,
  send: (thing) => <SendTab thing={thing} />,
  sdk: (thing) => <SdkTab thing={thing} />,
  settings: (thing) => <SettingsTab thing={thing} />,
};
