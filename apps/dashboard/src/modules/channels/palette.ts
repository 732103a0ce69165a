import { useInfiniteQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { Plus, Waypoints } from 'lucide-react';
import { useDeferredValue } from 'react';
import type { PaletteItem } from '../../lib/module';
import { t } from '../../strings';
import { foundQuery } from './queries';

/** So many are shown at a time; typing reaches the others. */
const MOST = 20;

/** Every channel, by a few letters of its name or its id, and creating one. */
export function usePalette(typed: string): PaletteItem[] {
  const navigate = useNavigate();
  const search = useDeferredValue(typed.trim().slice(0, 100));
  const { data } = useInfiniteQuery(foundQuery(search, MOST));
  const found = data?.pages.flatMap(({ items }) => items) ?? [];
  return [
    ...found.map(
      ({ id, name }): PaletteItem => ({
        id: `channel ${id}`,
        group: t.channels.title,
        label: name,
        hint: t.channels.number(id),
        icon: Waypoints,
        keywords: [String(id)],
        run: () => void navigate({ to: '/channels/$id', params: { id: String(id) } }),
      }),
    ),
    {
      id: 'channel create',
      group: t.palette.actions,
      label: t.channels.create,
      icon: Plus,
      keywords: ['new', 'add', 'stream', 'flespi', 'messages'],
      run: () => void navigate({ to: '/channels', search: { dialog: 'create' } }),
    },
  ];
}
