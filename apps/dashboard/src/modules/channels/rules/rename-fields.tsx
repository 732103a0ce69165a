import { ArrowRight, Plus, Trash2 } from 'lucide-react';
import { useId, useRef } from 'react';
import type { Errors } from '../../../lib/form';
import { t } from '../../../strings';
import { Button, IconButton } from '../../../ui/button';
import { cx } from '../../../ui/cx';
import { FieldMessage } from '../../../ui/field';
import { controlClass } from '../../../ui/input';
import type { FormPart } from './form-part';
import { isIdle, type RenameRow } from './rule-form';

interface Props extends FormPart {
  /** Fields that were seen. */
  seen: readonly string[];
  /** By `rename.<row>.from` and `.to`. */
  errors: Errors;
  /** A row was left. */
  onLeave: () => void;
}

/** Pairs of a field and its new name. */
export function RenameFields({ values, set, seen, errors, onLeave }: Props) {
  const { rename } = values;
  const known = useId();
  const list = useRef<HTMLUListElement>(null);
  const addButton = useRef<HTMLButtonElement>(null);
  const focusLast = () =>
    requestAnimationFrame(() =>
      list.current?.querySelector<HTMLElement>('li:last-child input:first-of-type')?.focus(),
    );
  const add = () => {
    set('rename', [...rename, { id: Math.max(-1, ...rename.map(({ id }) => id)) + 1, from: '', to: '' }]);
    focusLast();
  };
  const change = (row: RenameRow) =>
    set(
      'rename',
      rename.map((each) => (each.id === row.id ? row : each)),
    );
  const remove = (id: number) => {
    set(
      'rename',
      rename.filter((row) => row.id !== id),
    );
    addButton.current?.focus();
  };
  return (
    <fieldset className="flex min-w-0 flex-col gap-2">
      <legend className="mb-1.5 text-sm font-medium">{t.channels.rules.rename}</legend>
      <datalist id={known}>
        {seen
          .filter((name) => name !== 'ident' && name !== 'timestamp')
          .map((name) => (
            <option key={name} value={name} />
          ))}
      </datalist>
      {rename.length > 0 && (
        <ul ref={list} className="flex flex-col gap-3">
          {rename.map((row, index) => (
            <Row
              key={row.id}
              row={row}
              number={index + 1}
              known={known}
              errors={errors}
              note={isIdle(row, values) ? t.channels.rules.notKept : undefined}
              onChange={change}
              onRemove={() => remove(row.id)}
              onLeave={onLeave}
            />
          ))}
        </ul>
      )}
      <div className="flex flex-wrap items-center gap-3">
        <Button ref={addButton} size="sm" icon={Plus} onClick={add}>
          {t.channels.rules.addRename}
        </Button>
        <p className="min-w-0 text-sm text-faint">{t.channels.rules.renameHint}</p>
      </div>
    </fieldset>
  );
}

interface RowProps {
  row: RenameRow;
  number: number;
  /** Id of the list of fields that were seen. */
  known: string;
  errors: Errors;
  note: string | undefined;
  onChange: (row: RenameRow) => void;
  onRemove: () => void;
  onLeave: () => void;
}

function Row({ row, number, known, errors, note, onChange, onRemove, onLeave }: RowProps) {
  const id = useId();
  const wrongFrom = errors[`rename.${row.id}.from`];
  const wrongTo = errors[`rename.${row.id}.to`];
  const says = wrongFrom ?? wrongTo ?? note;
  const input = (of: 'from' | 'to', isWrong: boolean, label: string) => (
    <input
      aria-label={t.channels.rules.ofRow(label, number)}
      aria-invalid={isWrong || undefined}
      aria-describedby={says === undefined ? undefined : id}
      placeholder={label}
      list={of === 'from' ? known : undefined}
      autoComplete="off"
      autoCapitalize="none"
      spellCheck={false}
      value={row[of]}
      onChange={(event) => onChange({ ...row, [of]: event.target.value })}
      className={cx(controlClass, 'h-9 font-mono text-sm')}
    />
  );
  return (
    <li
      className="flex flex-col gap-1.5"
      onBlur={(event) => {
        if (!event.currentTarget.contains(event.relatedTarget)) onLeave();
      }}
    >
      <div className="flex items-center gap-2">
        <div className="flex min-w-0 flex-1 items-center gap-2 max-sm:flex-col max-sm:items-stretch">
          {input('from', wrongFrom !== undefined, t.channels.rules.oldName)}
          <ArrowRight aria-hidden className="size-4 shrink-0 text-faint max-sm:hidden" />
          {input('to', wrongTo !== undefined, t.channels.rules.newName)}
        </div>
        <IconButton icon={Trash2} label={t.channels.rules.removeRename(number)} onClick={onRemove} />
      </div>
      {says !== undefined &&
        (says === note ? (
          <p id={id} className="text-sm text-faint">
            {note}
          </p>
        ) : (
          <FieldMessage id={id} text={says} />
        ))}
    </li>
  );
}
