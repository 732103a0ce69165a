import type { RuntimeInfo, RuntimeName } from '@polyrelay/contract';
import { useQuery } from '@tanstack/react-query';
import { t } from '../../../strings';
import { Chip } from '../../../ui/badge';
import { ChoiceCards } from '../../../ui/choice-cards';
import { FieldMessage } from '../../../ui/field';
import { Loaded, Skeleton } from '../../../ui/states';
import { runtimesQuery } from '../queries';

interface Props {
  /** Empty: what the service takes when none is named. */
  value: RuntimeName | '';
  onChange: (value: RuntimeName) => void;
  /** Leaves out that the user runs it: chosen elsewhere. */
  isOurs?: boolean;
  /** Why the service cannot run it at all. */
  noProgram?: string | undefined;
  columns?: string;
  error?: string | undefined;
}

/** How the worker runs, each with what that means; what cannot be chosen here says why. */
export function RuntimeChoice({
  value,
  onChange,
  isOurs,
  noProgram,
  columns = 'sm:grid-cols-2',
  error,
}: Props) {
  const runtimes = useQuery(runtimesQuery);
  return (
    <Loaded query={runtimes} skeleton={<Skeleton rows={1} className="h-32" />}>
      {(items) => (
        <div className="flex flex-col gap-1.5">
          <ChoiceCards
            legend={t.runtime.legend}
            columns={columns}
            choices={items
              .filter(({ name }) => !(isOurs && name === 'local'))
              .map((item) => cardOf(item, item.name === 'local' ? undefined : noProgram))}
            value={value || (items.find((item) => item.default)?.name ?? 'process')}
            onChange={onChange}
          />
          {error && <FieldMessage text={error} />}
        </div>
      )}
    </Loaded>
  );
}

function cardOf({ name, available, reason, default: isDefault }: RuntimeInfo, noProgram: string | undefined) {
  const whyNot = noProgram ?? (available ? undefined : reason);
  return {
    value: name,
    label: t.runtimes[name],
    hint: whyNot ?? t.runtime.texts[name],
    isDisabled: whyNot !== undefined,
    mark: markOf(name, isDefault, whyNot !== undefined),
  };
}

function markOf(name: RuntimeName, isDefault: boolean, isDisabled: boolean) {
  if (isDisabled) return <Chip>{t.runtime.notHere}</Chip>;
  return (
    <>
      {name === 'process' && <Chip tone="warn">{t.runtime.unsafe}</Chip>}
      {isDefault && <Chip tone="good">{t.runtime.default}</Chip>}
    </>
  );
}
