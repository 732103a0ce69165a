import { useInfiniteQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { Plus, Radio } from 'lucide-react';
import { useDeferredValue } from 'react';
import type { PaletteItem } from '../../lib/module';
import { t } from '../../strings';
import { foundQuery } from './queries';
import { nameOf } from './status';

/** So many are shown at a time; typing reaches the others. */
const MOST = 20;

/** Every monitor, by a few letters of its topic or description or by its id, and creating one. */
export function usePalette(typed: string): PaletteItem[] {
  const navigate = useNavigate();
  const search = useDeferredValue(typed.trim().slice(0, 100));
  const { data } = useInfiniteQuery(foundQuery(search, MOST));
  const found = data?.pages.flatMap(({ items }) => items) ?? [];
  return [
    ...found.map(
      (monitor): PaletteItem => ({
        id: `monitor ${monitor.id}`,
        group: t.monitors.title,
        label: nameOf(monitor),
        hint: monitor.status,
        icon: Radio,
        keywords: [String(monitor.id), monitor.topic, monitor.description],
        run: () => void navigate({ to: '/monitors/$id', params: { id: String(monitor.id) } }),
      }),
    ),
    {
      id: 'monitor create',
      group: t.palette.actions,
      label: t.monitors.create,
      icon: Plus,
      keywords: ['new', 'add', 'push', 'webhook', 'idigi', 'notify', 'events'],
      run: () => void navigate({ to: '/monitors/new' }),
    },
  ];
}
