import { Boxes, Server } from 'lucide-react';
import { t } from '../../../strings';
import { ChoiceCards } from '../../../ui/choice-cards';
import { FormError } from '../../../ui/field';
import { TextField } from '../../../ui/input';
import type { FieldState, FormPart } from './form-part';
import { NodeServerPicker } from './node-server-picker';
import type { RuleValues } from './rule-form';
import { ThingPicker } from './thing-picker';

interface Props extends FormPart {
  field: (name: keyof RuleValues) => FieldState;
}

/** Where the messages come from: a kind, and all of it or some. */
export function SourceFields({ values, set, field }: Props) {
  const { kind } = values;
  const chosen = values[kind];
  const Picker = kind === 'things' ? ThingPicker : NodeServerPicker;
  return (
    <div className="flex min-w-0 flex-col gap-4">
      <ChoiceCards
        legend={t.channels.rules.from}
        choices={[
          {
            value: 'things',
            label: t.channels.rules.kinds.things,
            hint: t.channels.rules.kindHints.things,
            icon: Boxes,
          },
          {
            value: 'nodeServers',
            label: t.channels.rules.kinds.nodeServers,
            hint: t.channels.rules.kindHints.nodeServers,
            icon: Server,
          },
        ]}
        value={kind}
        onChange={(value) => set('kind', value)}
      />
      <ChoiceCards
        legend={t.channels.rules.which[kind]}
        choices={[
          { value: 'all', label: t.channels.rules.all[kind], hint: t.channels.rules.allHint },
          { value: 'these', label: t.channels.rules.these[kind] },
        ]}
        value={chosen.isAll ? 'all' : 'these'}
        onChange={(value) => set(kind, { ...chosen, isAll: value === 'all' })}
      />
      {!chosen.isAll && <Picker ids={chosen.ids} onChange={(ids) => set(kind, { isAll: false, ids })} />}
      <FormError text={field(kind).error} />
      {kind === 'nodeServers' && (
        <TextField
          label={t.channels.rules.drivers}
          hint={t.channels.rules.driversHint}
          isOptional
          isMono
          autoComplete="off"
          autoCapitalize="characters"
          spellCheck={false}
          placeholder={t.channels.rules.driversExample}
          value={values.drivers}
          onChange={(drivers) => set('drivers', drivers)}
          {...field('drivers')}
        />
      )}
    </div>
  );
}
