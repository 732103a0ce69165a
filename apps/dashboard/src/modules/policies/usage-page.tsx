import { useQuery } from '@tanstack/react-query';
import { exact } from '../../lib/format';
import { policyQuery } from '../../lib/policy';
import { t } from '../../strings';
import { Card, PageHeader } from '../../ui/page';
import { Loaded, Skeleton } from '../../ui/states';
import { PolicyGauges } from './policy-gauges';

/** One's own limits, to look at. */
export default function UsagePage() {
  const policy = useQuery({ ...policyQuery, refetchOnMount: 'always' });
  return (
    <>
      <PageHeader title={t.usage.title} below={t.usage.text} />
      <Loaded query={policy} skeleton={<Skeleton rows={1} className="h-40" />}>
        {({ limits, usage, own, periodEnd }) => (
          <Card title={t.usage.card}>
            <PolicyGauges limits={limits} usage={usage} />
            <p className="mt-4 text-sm text-faint">
              {own ? t.usage.own : t.usage.everybody} {t.usage.month} {t.usage.until}:{' '}
              {exact(Date.parse(periodEnd))}. {t.usage.change}
            </p>
          </Card>
        )}
      </Loaded>
    </>
  );
}
