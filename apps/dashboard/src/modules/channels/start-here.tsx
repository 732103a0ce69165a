import { Link } from '@tanstack/react-router';
import { Plus, Waypoints } from 'lucide-react';
import { t } from '../../strings';
import { type ButtonKind, buttonClass } from '../../ui/button';
import { NumberedSteps } from '../../ui/numbered-steps';
import { Empty } from '../../ui/states';
import type { ListSearch } from './search';

/** The button to create a channel; `search` is what the list's address keeps. */
export const CreateLink = ({ search = {}, kind = 'main' }: { search?: ListSearch; kind?: ButtonKind }) => (
  <Link to="/channels" search={{ ...search, dialog: 'create' }} className={buttonClass(kind)}>
    <Plus aria-hidden className="size-4" />
    {t.channels.create}
  </Link>
);

/** Nothing is here yet: what a channel is for, and how to begin. */
export const StartHere = () => (
  <Empty icon={Waypoints} title={t.channels.emptyTitle} action={<CreateLink />}>
    <p>{t.channels.emptyText}</p>
    <NumberedSteps steps={t.channels.emptySteps} />
  </Empty>
);
