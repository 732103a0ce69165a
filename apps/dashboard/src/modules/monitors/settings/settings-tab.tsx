import { type Monitor, MonitorChange } from '@polyrelay/contract';
import { toast } from '../../../lib/toast';
import { t } from '../../../strings';
import { Button } from '../../../ui/button';
import { FormError } from '../../../ui/field';
import { Card } from '../../../ui/page';
import { useSendChange } from '../actions';
import { DeliveryPart } from '../form/delivery-part';
import { TopicPart } from '../form/topic-part';
import { useMonitorForm } from '../form/use-monitor-form';
import { monitorValues } from '../form/values';
import { DangerZone } from './danger-zone';

/** What can be changed about a monitor, and how to be rid of it. */
export function SettingsTab({ monitor }: { monitor: Monitor }) {
  const form = useMonitorForm({
    initial: monitorValues(monitor),
    schema: MonitorChange,
    send: useSendChange(monitor.id),
    onDone: (changed) => {
      // The token is not shown again, once it is kept.
      form.reset(monitorValues(changed));
      toast.success(t.monitors.saved);
    },
  });
  const isDisabled = monitor.status === 'DISABLED';
  return (
    <div className="grid items-start gap-5 xl:grid-cols-2">
      <form
        {...form.form}
        aria-label={t.monitors.settings.title}
        className="flex min-w-0 flex-col gap-5 xl:contents"
      >
        <Card title={t.monitors.form.what}>
          <TopicPart form={form} />
        </Card>
        <div className="flex min-w-0 flex-col gap-5">
          <Card title={t.monitors.form.how}>
            <DeliveryPart form={form} hasToken={monitor.hasTransportToken} />
          </Card>
          <FormError text={form.formError} />
          <div className="flex flex-wrap items-center gap-3">
            <Button type="submit" kind="main" isBusy={form.isBusy}>
              {t.ui.save}
            </Button>
            <p className="min-w-0 flex-1 basis-56 text-sm text-soft">
              {isDisabled ? t.monitors.settings.startsAgain : t.monitors.settings.endsSession}
            </p>
          </div>
        </div>
      </form>
      <DangerZone monitor={monitor} />
    </div>
  );
}
