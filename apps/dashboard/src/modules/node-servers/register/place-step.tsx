import { useQuery } from '@tanstack/react-query';
import { t } from '../../../strings';
import { Card } from '../../../ui/page';
import { PlaceFields } from '../../../ui/place-fields';
import { controllersQuery, listQuery } from '../queries';
import type { Register } from './use-register';

/** The place on a controller: which one, and which of its 25 slots. */
export function PlaceStep({ register: { values, set, field } }: { register: Register }) {
  const { data: controllers = [] } = useQuery(controllersQuery);
  const { data: servers = [] } = useQuery(listQuery);
  return (
    <Card title={t.register.placeTitle}>
      <PlaceFields {...{ values, set, field, controllers, servers }} slotHint={t.register.slotHint} />
    </Card>
  );
}
