import { SearchX } from 'lucide-react';
import type { ReactNode } from 'react';
import { useTyped } from '../lib/use-typed';
import { t } from '../strings';
import { Button } from './button';
import { SearchInput } from './search-input';
import { Segmented } from './segmented';
import { Select } from './select';
import { Empty } from './states';

interface ToolsProps<S extends string, F extends string> {
  search: { label: string; value: string; onChange: (search: string) => void };
  /** One of a few groups, if the list has them. */
  filter?: {
    label: string;
    choices: readonly { value: F; label: string; count?: number }[];
    value: F;
    onChange: (value: F) => void;
  };
  /** On a phone, where there are no heads of columns to click. */
  sort: { label: string; value: S; names: Readonly<Record<S, string>>; onChange: (sort: S) => void };
}

/** Search, filter and order above a list. */
export function ListTools<S extends string, F extends string>({ search, filter, sort }: ToolsProps<S, F>) {
  const [typed, setTyped] = useTyped(search.value, (text) => search.onChange(text.slice(0, 100)));
  return (
    <div className="flex flex-wrap items-center gap-3">
      <SearchInput
        label={search.label}
        value={typed}
        onChange={setTyped}
        className="min-w-48 flex-1 sm:max-w-72"
      />
      {filter && <Segmented<F> {...filter} />}
      <Select
        aria-label={sort.label}
        value={sort.value}
        onChange={(next) => sort.onChange(next as S)}
        className="md:hidden"
      >
        {(Object.keys(sort.names) as S[]).map((each) => (
          <option key={each} value={each}>
            {sort.names[each]}
          </option>
        ))}
      </Select>
    </div>
  );
}

/** The rows that match, or that there are none and how to see all again. */
export const FoundRows = ({
  isNone,
  onShowAll,
  children,
}: {
  isNone: boolean;
  onShowAll: () => void;
  children: ReactNode;
}) =>
  isNone ? (
    <Empty
      icon={SearchX}
      title={t.ui.nothingFound}
      isSmall
      action={<Button onClick={onShowAll}>{t.ui.clearFilters}</Button>}
    />
  ) : (
    children
  );
