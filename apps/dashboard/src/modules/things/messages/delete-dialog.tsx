import type { Thing } from '@polyrelay/contract';
import { useQuery } from '@tanstack/react-query';
import { api } from '../../../lib/api';
import { toast } from '../../../lib/toast';
import { t } from '../../../strings';
import { Button } from '../../../ui/button';
import { ConfirmDialog } from '../../../ui/confirm';
import { Dialog } from '../../../ui/dialog';
import { Loaded, Skeleton } from '../../../ui/states';
import { TakenFacts } from './download-dialog';
import type { MessageFilter } from './filter';
import { countQuery, paths, type Taken } from './queries';

interface Props {
  thing: Thing;
  filter: MessageFilter;
  taken: Taken;
  onClose: () => void;
}

/** Deletes the messages of the range, after saying how many they are. */
export function DeleteDialog({ thing, filter, taken, onClose }: Props) {
  const counted = useQuery(countQuery(thing.id, taken));
  const { data } = counted;
  if (!data || data.count === 0)
    return (
      <Dialog isOpen onClose={onClose} title={data ? t.messages.deleteNone : t.messages.counting}>
        <Loaded query={counted} skeleton={<Skeleton rows={2} className="h-10" />}>
          {() => (
            <div className="flex flex-col gap-4">
              <p className="text-soft">{t.messages.nothing}</p>
              <Button onClick={onClose} className="self-end">
                {t.ui.close}
              </Button>
            </div>
          )}
        </Loaded>
      </Dialog>
    );
  const remove = async () => {
    const { deleted } = await api.delete<{ deleted: number }>(paths.taken(thing.id, taken));
    toast.success(t.messages.deleted(deleted));
  };
  return (
    <ConfirmDialog
      isOpen
      onClose={onClose}
      title={t.messages.deleteTitle(data.count)}
      action={t.messages.delete}
      onConfirm={remove}
    >
      <div className="flex flex-col gap-3">
        <TakenFacts filter={filter} count={data} />
        {filter.text && <p>{t.messages.noText}</p>}
        <p>
          {t.messages.deleteText} {taken.type !== 'egress' && t.messages.deleteQueued}
        </p>
      </div>
    </ConfirmDialog>
  );
}
