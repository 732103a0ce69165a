import type { Thing } from '@polyrelay/contract';
import { useNavigate } from '@tanstack/react-router';
import { toast } from '../../lib/toast';
import { t } from '../../strings';
import { ConfirmDialog } from '../../ui/confirm';
import { useRotate } from './actions';

/** Asks before new keys are made, then leads to their download. */
export function RotateDialog({
  thing: { id, name },
  isOpen,
  onClose,
}: {
  thing: Thing;
  isOpen: boolean;
  onClose: () => void;
}) {
  const rotate = useRotate(id);
  const navigate = useNavigate();
  const confirm = async () => {
    await rotate();
    toast.success(t.things.rotated(name));
    await navigate({ to: '/things/$id', params: { id }, search: { tab: 'sdk' } });
  };
  return (
    <ConfirmDialog
      isOpen={isOpen}
      onClose={onClose}
      title={t.things.rotateTitle(name)}
      action={t.things.rotate}
      onConfirm={confirm}
    >
      {t.things.rotateText}
    </ConfirmDialog>
  );
}
