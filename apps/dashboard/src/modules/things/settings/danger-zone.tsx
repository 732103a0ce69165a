import type { Thing } from '@polyrelay/contract';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { Trash2 } from 'lucide-react';
import { useState } from 'react';
import { api } from '../../../lib/api';
import { bytes } from '../../../lib/format';
import { toast } from '../../../lib/toast';
import { t } from '../../../strings';
import { Button } from '../../../ui/button';
import { ConfirmDialog } from '../../../ui/confirm';
import { DangerZone as Frame } from '../../../ui/danger-zone';
import { base, messageCountQuery, THINGS } from '../queries';

/** Deleting, apart from the rest and confirmed by typing the name. */
export function DangerZone({ thing: { id, name } }: { thing: Thing }) {
  const [isOpen, setOpen] = useState(false);
  const navigate = useNavigate();
  const client = useQueryClient();
  const messages = useQuery({ ...messageCountQuery(id), enabled: isOpen });
  const remove = async () => {
    await api.delete(base(id));
    await navigate({ to: '/things' });
    void client.invalidateQueries({ queryKey: [THINGS] });
    toast.success(t.things.deleted(name));
  };
  return (
    <Frame title={t.things.danger} text={t.things.dangerText}>
      <Button kind="danger" icon={Trash2} onClick={() => setOpen(true)}>
        {t.things.delete}
      </Button>
      <ConfirmDialog
        isOpen={isOpen}
        onClose={() => setOpen(false)}
        title={t.things.deleteTitle(name)}
        action={t.things.delete}
        typed={name}
        onConfirm={remove}
      >
        <p>{t.things.deleteText}</p>
        <p role="status" className="mt-2 font-medium text-ink">
          {messages.data
            ? t.things.deleteMessages(messages.data.count, bytes(messages.data.bytes))
            : messages.error
              ? t.things.deleteMessagesUnknown
              : t.ui.loading}
        </p>
      </ConfirmDialog>
    </Frame>
  );
}
