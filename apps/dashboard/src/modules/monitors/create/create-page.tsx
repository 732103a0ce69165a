import { type Monitor, MonitorRequest } from '@polyrelay/contract';
import { useQueryClient } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { useCallback } from 'react';
import { api } from '../../../lib/api';
import { toast } from '../../../lib/toast';
import { t } from '../../../strings';
import { Button, buttonClass } from '../../../ui/button';
import { BackLink } from '../../../ui/detail';
import { FormError } from '../../../ui/field';
import { Card, PageHeader } from '../../../ui/page';
import { back } from '../detail/detail-header';
import { DeliveryPart } from '../form/delivery-part';
import { TopicPart } from '../form/topic-part';
import { useMonitorForm } from '../form/use-monitor-form';
import { type MonitorValues, monitorValues } from '../form/values';
import { PreviewPanel } from '../preview/preview-panel';
import { MONITORS, monitorQuery } from '../queries';
import { nameOf } from '../status';

const route = getRouteApi('/app/monitors/new');

/** What was typed, while the page lives: looking elsewhere loses nothing. */
let draft: MonitorValues | undefined;

/** What to watch and how it is sent, and beside it what would come. */
export default function CreatePage() {
  const { topic } = route.useSearch();
  const client = useQueryClient();
  const navigate = useNavigate();
  const initial = draft ?? monitorValues();
  const form = useMonitorForm({
    initial: topic === undefined ? initial : { ...initial, topic },
    schema: MonitorRequest,
    send: (request) => api.post<Monitor>('/api/monitors', request),
    onType: useCallback((values: MonitorValues) => {
      draft = values;
    }, []),
    onDone: (monitor) => {
      draft = undefined;
      client.setQueryData(monitorQuery(monitor.id).queryKey, monitor);
      void client.invalidateQueries({ queryKey: [MONITORS] });
      toast.success(t.monitors.created(nameOf(monitor)));
      void navigate({
        to: '/monitors/$id',
        params: { id: String(monitor.id) },
        search: { tab: 'use' },
      });
    },
  });
  return (
    <>
      <PageHeader title={t.monitors.create} above={<BackLink {...back} />} />
      <form
        {...form.form}
        aria-label={t.monitors.create}
        className="grid items-start gap-x-6 gap-y-5 lg:grid-cols-[3fr_2fr] lg:grid-rows-[auto_auto_1fr]"
      >
        <Card title={t.monitors.form.what}>
          <TopicPart form={form} />
        </Card>
        <section
          aria-labelledby="preview"
          className="flex max-h-96 min-w-0 flex-col gap-3 overflow-y-auto lg:sticky lg:top-4 lg:col-start-2 lg:row-span-3 lg:row-start-1 lg:max-h-[calc(100dvh-2rem)]"
        >
          <div>
            <h2 id="preview" className="text-lg font-semibold">
              {t.monitors.preview.title}
            </h2>
            <p className="text-sm text-soft">{t.monitors.preview.text}</p>
          </div>
          <PreviewPanel
            text={form.values.topic}
            topics={form.topics}
            shownAs={{ formatType: form.values.formatType, hasTemplate: form.values.hasTemplate }}
          />
        </section>
        <Card title={t.monitors.form.how}>
          <DeliveryPart form={form} />
        </Card>
        <div className="flex flex-col gap-5">
          <FormError text={form.formError} />
          <div className="flex flex-wrap justify-end gap-2">
            <Link to={back.to} className={buttonClass()}>
              {t.ui.cancel}
            </Link>
            <Button type="submit" kind="main" isBusy={form.isBusy}>
              {t.monitors.create}
            </Button>
          </div>
        </div>
      </form>
    </>
  );
}
