import type { Controller, NodeServerSummary } from '@polyrelay/contract';
import { t } from '../strings';
import { SelectField } from './select';
import { SlotOptions } from './slot-options';

interface PlaceValues {
  controllerId: string;
  slot: string;
}

/** What a form knows of a field beside its value. */
type FieldState = (name: keyof PlaceValues) => {
  name: string;
  error: string | undefined;
  onBlur: () => void;
};

interface Props {
  values: PlaceValues;
  set: (name: keyof PlaceValues, value: string) => void;
  field: FieldState;
  controllers: readonly Controller[];
  servers: readonly NodeServerSummary[];
  slotHint?: string;
}

/** The place of a new node server: which controller, and which of its 25 slots. */
export function PlaceFields({ values, set, field, controllers, servers, slotHint }: Props) {
  const chosen = controllers.find(({ id }) => id === values.controllerId) ?? controllers[0];
  return (
    <div className="grid gap-3 sm:grid-cols-2">
      <SelectField
        label={t.register.controller}
        value={chosen?.id ?? ''}
        onChange={(id) => {
          set('controllerId', id);
          set('slot', '');
        }}
        {...field('controllerId')}
      >
        {controllers.map(({ id, name }) => (
          <option key={id} value={id}>
            {name}
          </option>
        ))}
      </SelectField>
      <SelectField
        label={t.register.slot}
        hint={slotHint}
        value={values.slot}
        onChange={(slot) => set('slot', slot)}
        {...field('slot')}
      >
        <option value="">{t.register.freeSlot}</option>
        <SlotOptions controller={chosen} servers={servers} />
      </SelectField>
    </div>
  );
}
