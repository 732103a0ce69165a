import type { Channel } from '@polyrelay/contract';
import { t } from '../../../strings';
import { Card } from '../../../ui/page';
import { Switch } from '../../../ui/switch';
import { useChange } from '../actions';
import { DangerZone } from './danger-zone';
import { GeneralForm } from './general-form';

/** What can be changed about a channel, and how to be rid of it. */
export function SettingsTab({ channel }: { channel: Channel }) {
  const change = useChange(channel.id);
  return (
    <div className="grid items-start gap-5 lg:grid-cols-2">
      <GeneralForm channel={channel} />
      <div className="flex min-w-0 flex-col gap-5">
        <Card title={t.channels.settings.taking}>
          <Switch
            label={t.channels.settings.enabled}
            hint={t.channels.settings.enabledHint}
            checked={channel.enabled}
            isBusy={change.isPending}
            onChange={(enabled) => change.mutate({ enabled })}
          />
        </Card>
        <DangerZone channel={channel} />
      </div>
    </div>
  );
}
