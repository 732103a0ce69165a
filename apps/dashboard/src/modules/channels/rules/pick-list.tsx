import { X } from 'lucide-react';
import type { ReactNode } from 'react';
import { t } from '../../../strings';
import { IconButton } from '../../../ui/button';
import { CheckRow } from '../../../ui/check-row';
import { SearchInput } from '../../../ui/search-input';
import { Loaded, Skeleton } from '../../../ui/states';

interface Props<T> {
  labels: { search: string; list: string };
  query: { data: T | undefined; error: unknown; refetch: () => unknown };
  itemsOf: (data: T) => readonly { id: string; label: ReactNode }[];
  /** There are others that searching finds. */
  hasMore: boolean;
  search: string;
  onSearch: (search: string) => void;
  isSearched: boolean;
  chosen: readonly { id: string; name: string }[];
  onChange: (ids: string[]) => void;
  /** Shown when there is nothing to choose from. */
  none: ReactNode;
}

/** Some of many: those chosen on top, and a list to search. */
export function PickList<T>(props: Props<T>) {
  const { labels, query, itemsOf, hasMore, search, onSearch, isSearched, chosen, onChange, none } = props;
  const ids = chosen.map(({ id }) => id);
  const toggle = (id: string, isOn: boolean) =>
    onChange(isOn ? [...ids, id] : ids.filter((each) => each !== id));
  return (
    <div className="flex min-w-0 flex-col gap-2">
      {chosen.length > 0 && (
        <ul aria-label={t.channels.rules.chosen} className="flex max-h-32 flex-wrap gap-1.5 overflow-y-auto">
          {chosen.map(({ id, name }) => (
            <li key={id} className="flex max-w-full items-center rounded-md bg-chosen pl-2.5 text-sm">
              <span className="truncate">{name}</span>
              <IconButton
                icon={X}
                size="sm"
                label={t.channels.rules.unchoose(name)}
                onClick={() => toggle(id, false)}
              />
            </li>
          ))}
        </ul>
      )}
      <SearchInput label={labels.search} value={search} onChange={onSearch} />
      <Loaded query={query} skeleton={<Skeleton rows={3} className="h-8" />}>
        {(data) => {
          const items = itemsOf(data);
          if (items.length === 0)
            return (
              <div className="flex flex-wrap items-center gap-3 text-sm">
                {isSearched ? <p className="text-soft">{t.ui.nothingFound}</p> : none}
              </div>
            );
          return (
            <>
              <ul
                aria-label={labels.list}
                className="flex max-h-56 flex-col overflow-y-auto rounded-md border border-edge p-1"
              >
                {items.map(({ id, label }) => (
                  <li key={id}>
                    <CheckRow isOn={ids.includes(id)} onChange={(isOn) => toggle(id, isOn)}>
                      {label}
                    </CheckRow>
                  </li>
                ))}
              </ul>
              {hasMore && <p className="text-sm text-faint">{t.channels.rules.moreThere}</p>}
            </>
          );
        }}
      </Loaded>
    </div>
  );
}
