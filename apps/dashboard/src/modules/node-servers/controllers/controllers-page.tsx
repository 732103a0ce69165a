import type { Controller } from '@polyrelay/contract';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Cpu, Plus } from 'lucide-react';
import { useState } from 'react';
import { api } from '../../../lib/api';
import { toast } from '../../../lib/toast';
import { t } from '../../../strings';
import { Button } from '../../../ui/button';
import { ConfirmDialog } from '../../../ui/confirm';
import { CopyId } from '../../../ui/copy';
import { Card, PageHeader } from '../../../ui/page';
import { Empty, Loaded, Skeleton } from '../../../ui/states';
import { controllersQuery } from '../queries';
import { ControllerDialog } from './controller-dialog';

/** The home controllers that node servers belong to, with their slots. */
export default function ControllersPage() {
  const controllers = useQuery(controllersQuery);
  const client = useQueryClient();
  const [edited, setEdited] = useState<Controller | 'new' | null>(null);
  const [removed, setRemoved] = useState<Controller | null>(null);
  const add = (
    <Button kind="main" icon={Plus} onClick={() => setEdited('new')}>
      {t.controllers.add}
    </Button>
  );
  const remove = async () => {
    if (!removed) return;
    await api.delete(`/api/controllers/${removed.id}`);
    await client.invalidateQueries({ queryKey: controllersQuery.queryKey });
    toast.success(t.controllers.removed(removed.name));
  };
  return (
    <>
      <PageHeader title={t.controllers.title} below={t.controllers.text} actions={add} />
      <Loaded query={controllers} skeleton={<Skeleton rows={2} className="h-28" />}>
        {(list) =>
          list.length === 0 ? (
            <Empty icon={Cpu} title={t.controllers.emptyTitle} action={add}>
              {t.controllers.text}
            </Empty>
          ) : (
            <ul className="flex flex-col gap-4">
              {list.map((controller) => (
                <li key={controller.id}>
                  <ControllerCard
                    controller={controller}
                    onEdit={() => setEdited(controller)}
                    onRemove={() => setRemoved(controller)}
                  />
                </li>
              ))}
            </ul>
          )
        }
      </Loaded>
      <ControllerDialog controller={edited} onClose={() => setEdited(null)} />
      <ConfirmDialog
        isOpen={removed !== null}
        onClose={() => setRemoved(null)}
        title={t.controllers.removeTitle(removed?.name ?? '')}
        action={t.controllers.remove}
        typed={removed?.name ?? ''}
        onConfirm={remove}
      >
        {t.controllers.removeText}
      </ConfirmDialog>
    </>
  );
}

const SLOTS = Array.from({ length: 25 }, (_, index) => index + 1);

function ControllerCard({
  controller,
  onEdit,
  onRemove,
}: {
  controller: Controller;
  onEdit: () => void;
  onRemove: () => void;
}) {
  const { name, uuid, version, slotsUsed } = controller;
  return (
    <Card
      title={name}
      actions={
        <span className="flex gap-2">
          <Button size="sm" onClick={onEdit} aria-label={t.controllers.editName(name)}>
            {t.ui.edit}
          </Button>
          {slotsUsed.length === 0 && (
            <Button
              size="sm"
              kind="dangerQuiet"
              onClick={onRemove}
              aria-label={t.controllers.removeName(name)}
            >
              {t.controllers.remove}
            </Button>
          )}
        </span>
      }
    >
      <p className="flex flex-wrap items-center gap-x-4 gap-y-1 text-soft">
        <CopyId id={uuid} what={t.controllers.uuid} />
        {version && <span>{t.nodeServers.version(version)}</span>}
      </p>
      <p className="mt-3 text-sm text-soft">{t.controllers.slots(slotsUsed.length)}</p>
      <div aria-hidden className="mt-1.5 flex max-w-md gap-0.5">
        {SLOTS.map((slot) => (
          <span
            key={slot}
            className={`h-2.5 flex-1 rounded-sm ${slotsUsed.includes(slot) ? 'bg-accent-fill' : 'bg-sunken'}`}
          />
        ))}
      </div>
    </Card>
  );
}
