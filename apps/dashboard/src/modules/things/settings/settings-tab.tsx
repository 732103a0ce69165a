import type { Thing } from '@polyrelay/contract';
import { KeyRound } from 'lucide-react';
import { useState } from 'react';
import { t } from '../../../strings';
import { Button } from '../../../ui/button';
import { Card } from '../../../ui/page';
import { Switch } from '../../../ui/switch';
import { RelativeTime } from '../../../ui/time';
import { useChange } from '../actions';
import { RotateDialog } from '../rotate-dialog';
import { DangerZone } from './danger-zone';
import { TypeForm } from './type-form';

/** What can be changed about a thing, and how to be rid of it. */
export function SettingsTab({ thing }: { thing: Thing }) {
  return (
    <div className="grid items-start gap-5 lg:grid-cols-2">
      <div className="flex min-w-0 flex-col gap-5">
        <TypeForm thing={thing} />
        <AccessCard thing={thing} />
      </div>
      <div className="flex min-w-0 flex-col gap-5">
        <KeysCard thing={thing} />
        <DangerZone thing={thing} />
      </div>
    </div>
  );
}

function AccessCard({ thing: { id, enabled } }: { thing: Thing }) {
  const change = useChange(id);
  return (
    <Card title={t.things.access}>
      <Switch
        label={t.things.enabled}
        hint={t.things.enabledHint}
        checked={enabled}
        isBusy={change.isPending}
        onChange={(next) => change.mutate({ enabled: next })}
      />
    </Card>
  );
}

function KeysCard({ thing }: { thing: Thing }) {
  const change = useChange(thing.id);
  const [isRotating, setRotating] = useState(false);
  return (
    <Card title={t.things.keys}>
      <p className="text-soft">
        {t.things.keysMade} <RelativeTime at={thing.keysMadeAt} />. {t.things.keyStates[thing.privateKey]}
      </p>
      <div className="my-4">
        <Switch
          label={t.things.keepPrivateKey}
          hint={t.things.keepPrivateKeyHint}
          checked={thing.keepPrivateKey}
          isBusy={change.isPending}
          onChange={(keepPrivateKey) => change.mutate({ keepPrivateKey })}
        />
      </div>
      <p className="mb-3 text-soft">{t.things.rotateHint}</p>
      <Button kind="dangerQuiet" icon={KeyRound} onClick={() => setRotating(true)}>
        {t.things.rotate}
      </Button>
      <RotateDialog thing={thing} isOpen={isRotating} onClose={() => setRotating(false)} />
    </Card>
  );
}
