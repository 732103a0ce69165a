import type { Monitor } from '@polyrelay/contract';
import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { Trash2 } from 'lucide-react';
import { useState } from 'react';
import { api } from '../../../lib/api';
import { toast } from '../../../lib/toast';
import { t } from '../../../strings';
import { Button } from '../../../ui/button';
import { ConfirmDialog } from '../../../ui/confirm';
import { DangerZone as Frame } from '../../../ui/danger-zone';
import { base, MONITORS } from '../queries';
import { lagWords, nameOf } from '../status';

/** Deleting, confirmed by typing the name. */
export function DangerZone({ monitor }: { monitor: Monitor }) {
  const [isOpen, setOpen] = useState(false);
  const navigate = useNavigate();
  const client = useQueryClient();
  const name = nameOf(monitor);
  const { settings } = t.monitors;
  const remove = async () => {
    await api.delete(base(monitor.id));
    await navigate({ to: '/monitors' });
    void client.invalidateQueries({ queryKey: [MONITORS] });
    toast.success(settings.deleted(name));
  };
  return (
    <Frame title={settings.danger} text={settings.dangerText}>
      <Button kind="danger" icon={Trash2} onClick={() => setOpen(true)}>
        {settings.delete}
      </Button>
      <ConfirmDialog
        isOpen={isOpen}
        onClose={() => setOpen(false)}
        title={settings.deleteTitle(name)}
        action={settings.delete}
        typed={name}
        onConfirm={remove}
      >
        <p>{settings.deleteText}</p>
        {monitor.lag.events > 0 && (
          <p className="mt-2 font-medium text-ink">{settings.deleteLag(lagWords(monitor.lag))}</p>
        )}
      </ConfirmDialog>
    </Frame>
  );
}
