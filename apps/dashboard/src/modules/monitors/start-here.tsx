import { Link } from '@tanstack/react-router';
import { Plus, Radio } from 'lucide-react';
import { t } from '../../strings';
import { buttonClass } from '../../ui/button';
import { NumberedSteps } from '../../ui/numbered-steps';
import { Empty } from '../../ui/states';

/** The button to create a monitor. */
export const CreateLink = () => (
  <Link to="/monitors/new" className={buttonClass('main')}>
    <Plus aria-hidden className="size-4" />
    {t.monitors.create}
  </Link>
);

/** Nothing is here yet: what a monitor is for, and how to begin. */
export const StartHere = () => (
  <Empty icon={Radio} title={t.monitors.emptyTitle} action={<CreateLink />}>
    <p>{t.monitors.emptyText}</p>
    <NumberedSteps steps={t.monitors.emptySteps} />
  </Empty>
);
