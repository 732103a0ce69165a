import { Link } from '@tanstack/react-router';
import { Microchip, Plus } from 'lucide-react';
import { t } from '../../strings';
import { type ButtonKind, buttonClass } from '../../ui/button';
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
      <ol className="mx-auto mt-4 flex max-w-sm flex-col gap-2 text-left">
        {t.things.emptySteps.map((step, index) => (
          <li key={step} className="flex gap-3">
            <span
              aria-hidden
              className="grid size-6 shrink-0 place-items-center rounded-full bg-accent-ground text-xs font-semibold text-accent-strong"
            >
              {index + 1}
            </span>
            {step}
          </li>
        ))}
      </ol>
    </Empty>
  );
}
