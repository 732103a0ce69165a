import { Link } from '@tanstack/react-router';
import { Microchip, Plus } from 'lucide-react';
import { t } from '../../strings';
import { type ButtonKind, buttonClass } from '../../ui/button';
import { NumberedSteps } from '../../ui/numbered-steps';
import { Empty } from '../../ui/states';
import type { ListSearch } from './search';

/** The button to create a thing; `search` is what the list's address keeps. */
export const CreateLink = ({ search = {}, kind = 'main' }: { search?: ListSearch; kind?: ButtonKind }) => (
  <Link to="/things" search={{ ...search, dialog: 'create' }} className={buttonClass(kind)}>
    <Plus aria-hidden className="size-4" />
    {t.things.create}
  </Link>
);

/** Nothing is here yet: what a thing is, and how to begin. */
export function StartHere({ kind = 'main' }: { kind?: ButtonKind }) {
  return (
    <Empty icon={Microchip} title={t.things.emptyTitle} action={<CreateLink kind={kind} />}>
      <p>{t.things.emptyText}</p>
      <NumberedSteps steps={t.things.emptySteps} />
    </Empty>
  );
}
