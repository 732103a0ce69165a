import { useInfiniteQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { Microchip, Plus } from 'lucide-react';
import { useDeferredValue } from 'react';
import type { PaletteItem } from '../../lib/module';
import { t } from '../../strings';
import { foundQuery } from './queries';
import { statusOf } from './status';

/** So many are shown at a time; typing reaches the others. */
const MOST = 20;

/** Every thing, by a few letters of its name or type, and creating one. */
export function usePalette(typed: string): PaletteItem[] {
  const navigate = useNavigate();
  const search = useDeferredValue(typed.trim().slice(0, 100));
  const { data } = useInfiniteQuery(foundQuery(search, MOST));
  const found = data?.pages.flatMap(({ items }) => items) ?? [];
  return [
    ...found.map(
      (thing): PaletteItem => ({
        id: `thing ${thing.id}`,
        group: t.things.title,
        label: thing.name,
        hint: thing.connected ? t.things.statuses.connected : t.things.statuses[statusOf(thing)],
        icon: Microchip,
        keywords: [thing.type],
        run: () => void navigate({ to: '/things/$id', params: { id: thing.id } }),
      }),
    ),
    {
      id: 'thing create',
      group: t.palette.actions,
      label: t.things.create,
      icon: Plus,
      keywords: ['new', 'add', 'provision', 'raspberry'],
      run: () => void navigate({ to: '/things', search: { dialog: 'create' } }),
    },
  ];
}
