import { isKept } from '@polyrelay/contract';
import { Plus } from 'lucide-react';
import { useState } from 'react';
import { t } from '../../../strings';
import { Button } from '../../../ui/button';
import { CheckRow } from '../../../ui/check-row';
import { ChoiceCards } from '../../../ui/choice-cards';
import { FormError } from '../../../ui/field';
import { TextField } from '../../../ui/input';
import { type FieldChoice, fieldChoices, withKept } from './field-groups';
import type { FormPart } from './form-part';
import { wrongName } from './rule-form';

interface Props extends FormPart {
  /** Fields that were seen. */
  seen: readonly string[];
  error: string | undefined;
}

/** Which fields are kept: all, or some of those that were seen and others by their name. */
export function KeepFields({ values, set, seen, error }: Props) {
  const { keep, keepsAll } = values;
  const [typed, setTyped] = useState('');
  const choices = fieldChoices(seen, keep);
  const name = typed.trim();
  const wrong =
    name === '' ? undefined : keep.includes(name) ? t.channels.rules.keptAlready : wrongName(name);
  const add = () => {
    if (name === '' || wrong !== undefined) return;
    set('keep', withKept(keep, name, true));
    setTyped('');
  };
  return (
    <div className="flex min-w-0 flex-col gap-3">
      <ChoiceCards
        legend={t.channels.rules.keep}
        choices={[
          { value: 'all', label: t.channels.rules.keepAll },
          { value: 'some', label: t.channels.rules.keepSome, hint: t.channels.rules.keepHint },
        ]}
        value={keepsAll ? 'all' : 'some'}
        onChange={(value) => set('keepsAll', value === 'all')}
      />
      {!keepsAll && (
        <>
          {choices.length === 0 ? (
            <p className="text-sm text-soft">{t.channels.rules.noFieldSeen}</p>
          ) : (
            <ul
              aria-label={t.channels.rules.keepList}
              className="flex max-h-72 flex-col overflow-y-auto rounded-md border border-edge p-1"
            >
              {choices.map((choice) => (
                <li key={choice.name}>
                  <Choice
                    choice={choice}
                    keep={keep}
                    onChange={(isOn) => set('keep', withKept(keep, choice.name, isOn))}
                  />
                </li>
              ))}
            </ul>
          )}
          <div className="flex items-start gap-2">
            <div className="min-w-0 flex-1">
              <TextField
                label={t.channels.rules.addField}
                hint={t.channels.rules.addFieldHint}
                error={wrong}
                isMono
                autoComplete="off"
                autoCapitalize="none"
                spellCheck={false}
                value={typed}
                onChange={setTyped}
                onKeyDown={(event) => {
                  if (event.key !== 'Enter' || name === '') return;
                  // Enter adds the field, and does not send the form.
                  event.preventDefault();
                  add();
                }}
              />
            </div>
            <Button icon={Plus} onClick={add} className="mt-6.5">
              {t.channels.rules.add}
            </Button>
          </div>
          <FormError text={error} />
        </>
      )}
    </div>
  );
}

interface ChoiceProps {
  choice: FieldChoice;
  keep: readonly string[];
  onChange: (isOn: boolean) => void;
}

function Choice({ choice: { name, depth, isSeen }, keep, onChange }: ChoiceProps) {
  const isOn = keep.includes(name);
  // Its group is kept as a whole.
  const isWithin = !isOn && keep.length > 0 && isKept(name, keep);
  return (
    <CheckRow
      isOn={isOn || isWithin}
      isDisabled={isWithin}
      onChange={onChange}
      className={depth === 1 ? 'pl-8' : undefined}
    >
      <code className="font-mono text-sm">{name}</code>
      {name.endsWith('.*') && (
        <span className="ml-2 text-sm text-faint">{t.channels.rules.allBelow(name.slice(0, -2))}</span>
      )}
      {!isSeen && <span className="ml-2 text-sm text-faint">{t.channels.rules.notSeen}</span>}
    </CheckRow>
  );
}
