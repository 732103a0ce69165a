import type { Channel } from '@polyrelay/contract';
import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { Eraser, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { api, withQuery } from '../../../lib/api';
import { bytes } from '../../../lib/format';
import { toast } from '../../../lib/toast';
import { t } from '../../../strings';
import { Button } from '../../../ui/button';
import { ConfirmDialog } from '../../../ui/confirm';
import { DangerZone as Frame } from '../../../ui/danger-zone';
import { base, CHANNELS } from '../queries';

/** Deleting messages, and the channel itself: that one confirmed by typing its name. */
export function DangerZone({ channel }: { channel: Channel }) {
  const { id, name, messages, messagesSize } = channel;
  /** The key that was next when the dialog was opened: what comes meanwhile stays. */
  const [before, setBefore] = useState<{ key: number; messages: number; size: number } | null>(null);
  const [isDeleting, setDeleting] = useState(false);
  const navigate = useNavigate();
  const client = useQueryClient();
  const clear = async () => {
    await api.delete(withQuery(`${base(id)}/messages`, { before: before?.key }));
    toast.success(t.channels.settings.cleared);
  };
  const remove = async () => {
    await api.delete(base(id));
    await navigate({ to: '/channels' });
    void client.invalidateQueries({ queryKey: [CHANNELS] });
    toast.success(t.channels.settings.deleted(name));
  };
  return (
    <Frame title={t.channels.settings.danger} text={t.channels.settings.dangerText}>
      <div className="flex flex-wrap gap-2">
        <Button
          kind="dangerQuiet"
          icon={Eraser}
          disabled={messages === 0}
          onClick={() => setBefore({ key: channel.nextKey, messages, size: messagesSize })}
        >
          {t.channels.settings.clear}
        </Button>
        <Button kind="danger" icon={Trash2} onClick={() => setDeleting(true)}>
          {t.channels.settings.delete}
        </Button>
      </div>
      <ConfirmDialog
        isOpen={before !== null}
        onClose={() => setBefore(null)}
        title={t.channels.settings.clearTitle(before?.messages ?? 0)}
        action={t.channels.settings.clear}
        onConfirm={clear}
      >
        {t.channels.settings.clearText(bytes(before?.size ?? 0))}
      </ConfirmDialog>
      <ConfirmDialog
        isOpen={isDeleting}
        onClose={() => setDeleting(false)}
        title={t.channels.settings.deleteTitle(name)}
        action={t.channels.settings.delete}
        typed={name}
        onConfirm={remove}
      >
        <p>{t.channels.settings.deleteText}</p>
        <p className="mt-2 font-medium text-ink">
          {t.channels.settings.deleteMessages(messages, bytes(messagesSize))}
        </p>
      </ConfirmDialog>
    </Frame>
  );
}
