import type { Operation } from '@polyrelay/contract';
import { t } from '../../../strings';
import { CheckRow } from '../../../ui/check-row';
import { OPERATIONS } from './topics';

interface Props {
  /** Undefined: all. */
  value: ReadonlySet<Operation> | undefined;
  onChange: (value: Set<Operation> | undefined) => void;
}

/** Which changes count: at least one kind of them. */
export function OperationChoice({ value, onChange }: Props) {
  const { builder } = t.monitors.form;
  const chosen = new Set(value ?? OPERATIONS);
  const turn = (operation: Operation, isOn: boolean) => {
    const next = new Set(chosen);
    if (isOn) next.add(operation);
    else next.delete(operation);
    onChange(next.size === OPERATIONS.length ? undefined : next);
  };
  return (
    <fieldset className="min-w-0">
      <legend className="mb-1 text-sm font-medium">{builder.operations}</legend>
      <div className="-ml-2 flex flex-wrap gap-x-3">
        {OPERATIONS.map((operation) => (
          <CheckRow
            key={operation}
            isOn={chosen.has(operation)}
            isDisabled={chosen.size === 1 && chosen.has(operation)}
            onChange={(isOn) => turn(operation, isOn)}
          >
            {builder.operation[operation]}
          </CheckRow>
        ))}
      </div>
      {chosen.size === 1 && <p className="text-sm text-faint">{builder.operationLast}</p>}
    </fieldset>
  );
}
