import type { Rule } from '@polyrelay/contract';
import { t } from '../../../strings';
import { ConfirmDialog } from '../../../ui/confirm';
import { useRemoveRule } from './actions';

interface Props {
  rule: Rule;
  isOpen: boolean;
  onClose: () => void;
  onDeleted?: () => void;
}

/** Asks before a rule is deleted. */
export function DeleteRule({ rule, isOpen, onClose, onDeleted }: Props) {
  const remove = useRemoveRule();
  return (
    <ConfirmDialog
      isOpen={isOpen}
      onClose={onClose}
      title={t.channels.rules.deleteTitle(rule.name || t.channels.rules.unnamed)}
      action={t.channels.rules.delete}
      onConfirm={async () => {
        await remove(rule);
        onDeleted?.();
      }}
    >
      {t.channels.rules.deleteText}
    </ConfirmDialog>
  );
}
