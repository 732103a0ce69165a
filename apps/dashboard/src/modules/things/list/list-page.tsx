import { t } from '../../../strings';
import { PageHeader } from '../../../ui/page';

/** All things; search, status and order stand in the address. */
export default function ListPage() {
  return <PageHeader title={t.things.title} />;
}
