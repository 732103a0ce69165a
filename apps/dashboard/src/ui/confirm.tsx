import { type FormEvent, type ReactNode, useEffect, useState } from 'react';
import { t } from '../strings';
import { Button } from './button';
import { Dialog } from './dialog';
import { FormError } from './field';
import { TextField } from './input';

interface Props {
  isOpen: boolean;
  onClose: () => void;
  title: string;
  /** What will happen, and that it cannot be undone. */
  children: ReactNode;
  action: string;
  /** How the action looks; red where it cannot be undone. */
  kind?: 'danger' | 'main';
  /** When given, it has to be typed first. */
  typed?: string;
  onConfirm: () => Promise<unknown>;
}

/** Asks before what has consequences; stays open with the reason when it failed. */
export function ConfirmDialog({
  isOpen,
  onClose,
  title,
  children,
  action,
  kind = 'danger',
  typed,
  onConfirm,
}: Props) {
  const [text, setText] = useState('');
  const [error, setError] = useState<string | null>(null);
  const [isMissing, setMissing] = useState(false);
  const [isBusy, setBusy] = useState(false);
  useEffect(() => {
    if (!isOpen) return;
    setText('');
    setError(null);
    setMissing(false);
  }, [isOpen]);

  const onSubmit = async (event: FormEvent) => {
    event.preventDefault();
    if (typed !== undefined && text.trim() !== typed.trim()) {
      setMissing(true);
      return;
    }
    setBusy(true);
    setError(null);
    try {
      await onConfirm();
      onClose();
    } catch (cause) {
      setError(cause instanceof Error ? cause.message : String(cause));
    } finally {
      setBusy(false);
    }
  };

  return (
    <Dialog isOpen={isOpen} onClose={onClose} title={title}>
      <form onSubmit={onSubmit} className="flex flex-col gap-4">
        <div className="text-soft">{children}</div>
        {typed !== undefined && (
          <TextField
            label={t.ui.typeToConfirm(typed)}
            value={text}
            onChange={(value) => {
              setText(value);
              setMissing(false);
            }}
            error={isMissing ? t.ui.typedDiffers(typed) : undefined}
            autoComplete="off"
            autoFocus
          />
        )}
        <FormError text={error} />
        <div className="flex flex-wrap justify-end gap-2">
          <Button onClick={onClose}>{t.ui.cancel}</Button>
          <Button type="submit" kind={kind} isBusy={isBusy}>
            {action}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
