import { Braces, Plus, Trash2, Type } from 'lucide-react';
import { useId } from 'react';
import { t } from '../../../strings';
import { Button, IconButton } from '../../../ui/button';
import { FieldMessage } from '../../../ui/field';
import { controlClass } from '../../../ui/input';
import { newRow, type ParamRow, problemsOf } from './rows';

interface Props {
  rows: readonly ParamRow[];
  onChange: (rows: ParamRow[]) => void;
  /** Problems are told only once the user tried to save, except for broken JSON. */
  areProblemsShown: boolean;
}

/** Custom parameters as rows of key and value; nested values as JSON. */
export function ParamsEditor({ rows, onChange, areProblemsShown }: Props) {
  const problems = problemsOf(rows);
  const change = (id: number, part: Partial<ParamRow>) =>
    onChange(rows.map((row) => (row.id === id ? { ...row, ...part } : row)));
  return (
    <div className="flex flex-col gap-2">
      {rows.length > 0 && (
        <ul className="flex flex-col gap-2">
          {rows.map((row, index) => {
            const problem = problems.get(row.id);
            return (
              <Row
                key={row.id}
                row={row}
                position={index + 1}
                problem={
                  problem && (areProblemsShown || problem !== 'noKey')
                    ? t.params.problems[problem]
                    : undefined
                }
                onChange={(part) => change(row.id, part)}
                onRemove={() => onChange(rows.filter(({ id }) => id !== row.id))}
              />
            );
          })}
        </ul>
      )}
      <Button icon={Plus} size="sm" onClick={() => onChange([...rows, newRow()])} className="self-start">
        {t.params.add}
      </Button>
    </div>
  );
}

interface RowProps {
  row: ParamRow;
  position: number;
  problem: string | undefined;
  onChange: (part: Partial<ParamRow>) => void;
  onRemove: () => void;
}

function Row({ row, position, problem, onChange, onRemove }: RowProps) {
  const id = useId();
  const name = row.key.trim() || t.params.nth(position);
  const described = {
    'aria-invalid': problem ? true : undefined,
    'aria-describedby': problem ? id : undefined,
  };
  return (
    <li className="rounded-md border border-line p-2 sm:border-0 sm:p-0">
      <div className="grid grid-cols-[1fr_auto] gap-2 sm:grid-cols-[minmax(8rem,2fr)_3fr_auto]">
        <input
          {...described}
          aria-label={t.params.keyOf(position)}
          placeholder={t.params.key}
          value={row.key}
          spellCheck={false}
          onChange={(event) => onChange({ key: event.target.value })}
          className={`${controlClass} h-9 font-mono text-sm`}
        />
        <div className="max-sm:order-3 max-sm:col-span-2">
          {row.isJson ? (
            <textarea
              {...described}
              aria-label={t.params.valueOf(name)}
              value={row.value}
              spellCheck={false}
              rows={Math.min(12, Math.max(2, row.value.split('\n').length))}
              onChange={(event) => onChange({ value: event.target.value })}
              className={`${controlClass} py-1.5 font-mono text-sm`}
            />
          ) : (
            <input
              {...described}
              aria-label={t.params.valueOf(name)}
              placeholder={t.params.value}
              value={row.value}
              onChange={(event) => onChange({ value: event.target.value })}
              className={`${controlClass} h-9`}
            />
          )}
        </div>
        <div className="flex">
          <IconButton
            icon={row.isJson ? Type : Braces}
            label={row.isJson ? t.params.asText(name) : t.params.asJson(name)}
            onClick={() =>
              onChange(row.isJson ? { isJson: false } : { isJson: true, value: JSON.stringify(row.value) })
            }
          />
          <IconButton icon={Trash2} label={t.params.remove(name)} onClick={onRemove} />
        </div>
      </div>
      {problem && (
        <div className="mt-1">
          <FieldMessage id={id} text={problem} />
        </div>
      )}
    </li>
  );
}
