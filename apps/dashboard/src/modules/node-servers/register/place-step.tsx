import { useQuery } from '@tanstack/react-query';
import { t } from '../../../strings';
import { Card } from '../../../ui/page';
import { SelectField } from '../../../ui/select';
import { SlotOptions } from '../../../ui/slot-options';
import { controllersQuery, listQuery } from '../queries';
import type { Register } from './use-register';

/** The place on a controller: which one, and which of its 25 slots. */
export function PlaceStep({ register: { values, set, field } }: { register: Register }) {
  const { data: controllers = [] } = useQuery(controllersQuery);
  const { data: servers = [] } = useQuery(listQuery);
  const chosen = controllers.find(({ id }) => id === values.controllerId) ?? controllers[0];
  return (
    <Card title={t.register.placeTitle}>
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
          hint={t.register.slotHint}
          value={values.slot}
          onChange={(slot) => set('slot', slot)}
          {...field('slot')}
        >
          <option value="">{t.register.freeSlot}</option>
          <SlotOptions controller={chosen} servers={servers} />
        </SelectField>
      </div>
    </Card>
  );
}
