import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { Trash2 } from 'lucide-react';
import { useState } from 'react';
import { api } from '../../../lib/api';
import { toast } from '../../../lib/toast';
import { t } from '../../../strings';
import { Button } from '../../../ui/button';
import { ConfirmDialog } from '../../../ui/confirm';
import type { ServerFacts } from '../node-map';
import { base, listQuery } from '../queries';

/** Deleting, apart from the rest and confirmed by typing the name. */
export function DangerZone({ server }: { server: ServerFacts }) {
  const [isOpen, setOpen] = useState(false);
  const navigate = useNavigate();
  const client = useQueryClient();
  const remove = async () => {
    await api.delete(base(server.id));
    await navigate({ to: '/node-servers' });
    void client.invalidateQueries({ queryKey: listQuery.queryKey });
    toast.success(t.nodeSettings.deleted(server.name));
  };
  return (
    <section aria-labelledby="danger" className="rounded-lg border border-bad/50 bg-card p-4">
      <h2 id="danger" className="font-semibold text-bad">
        {t.nodeSettings.danger}
      </h2>
      <p className="mt-1 mb-3 text-soft">{t.nodeSettings.dangerText}</p>
      <Button kind="danger" icon={Trash2} onClick={() => setOpen(true)}>
        {t.nodeSettings.delete}
      </Button>
      <ConfirmDialog
        isOpen={isOpen}
        onClose={() => setOpen(false)}
        title={t.nodeSettings.deleteTitle(server.name)}
        action={t.nodeSettings.delete}
        typed={server.name}
        onConfirm={remove}
      >
        {t.nodeSettings.deleteText}
      </ConfirmDialog>
    </section>
  );
}
