import type { EntryLanguage, StorePage as Page, StoreItem } from '@polyrelay/contract';
import { useInfiniteQuery } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { PackageOpen, SearchX } from 'lucide-react';
import { t } from '../../strings';
import { Button } from '../../ui/button';
import { PageHeader } from '../../ui/page';
import { SearchInput } from '../../ui/search-input';
import { Segmented } from '../../ui/segmented';
import { Empty, Loaded, Skeleton } from '../../ui/states';
import { EntryCard } from './entry-card';
import { EntryDialog } from './entry-dialog';
import { Problems, Unreachable } from './problems';
import { type StoreSearch, storeQuery } from './queries';
import { RefreshButton } from './refresh-button';

const route = getRouteApi('/app/store');
const languages: readonly EntryLanguage[] = ['python3', 'node', 'python'];

/** Node servers that can be installed; search, language and the opened one stand in the address. */
export default function StorePage() {
  const search = route.useSearch();
  const navigate = useNavigate();
  const store = useInfiniteQuery(storeQuery(search));
  const change = (next: StoreSearch) => void navigate({ to: '/store', replace: true, search: next });
  const first = store.data?.pages[0];
  return (
    <>
      <PageHeader
        title={t.store.title}
        below={t.store.text}
        actions={<RefreshButton refreshedAt={first?.refreshedAt} />}
      />
      <div className="mb-4 flex flex-wrap items-center gap-3">
        <SearchInput
          label={t.store.search}
          value={search.q ?? ''}
          onChange={(q) => change({ ...without(search, 'q'), ...(q ? { q } : {}) })}
          className="min-w-48 flex-1 sm:max-w-72"
        />
        <Segmented<EntryLanguage | 'all'>
          label={t.store.language}
          choices={[
            { value: 'all', label: t.store.allLanguages },
            ...languages.map((value) => ({ value, label: t.store.languages[value] })),
          ]}
          value={search.language ?? 'all'}
          onChange={(language) =>
            change({ ...without(search, 'language'), ...(language === 'all' ? {} : { language }) })
          }
        />
        <span role="status" className="text-sm whitespace-nowrap text-faint">
          {first && t.store.count(first.total)}
        </span>
      </div>
      <Loaded query={store} skeleton={<Skeleton rows={3} className="h-36" />}>
        {({ pages }) => (
          <Shelves
            pages={pages}
            isFiltered={search.q !== undefined || search.language !== undefined}
            onClear={() => change({})}
            onOpen={({ id }) => void navigate({ to: '/store', search: { ...search, entry: id } })}
          />
        )}
      </Loaded>
      {store.hasNextPage && (
        <div className="mt-4 flex justify-center">
          <Button onClick={() => void store.fetchNextPage()} isBusy={store.isFetchingNextPage}>
            {t.store.more}
          </Button>
        </div>
      )}
      {search.entry !== undefined && (
        <EntryDialog key={search.entry} id={search.entry} onClose={() => change(without(search, 'entry'))} />
      )}
    </>
  );
}

interface ShelvesProps {
  pages: readonly Page[];
  isFiltered: boolean;
  onClear: () => void;
  onOpen: (item: StoreItem) => void;
}

function Shelves({ pages, isFiltered, onClear, onOpen }: ShelvesProps) {
  const items = pages.flatMap((page) => page.items);
  const problems = pages[0]?.problems ?? [];
  const missing = problems.filter(({ path }) => path === '');
  const wrong = problems.filter(({ path }) => path !== '');
  return (
    <div className="flex flex-col gap-4">
      <Unreachable problems={missing} refreshedAt={pages[0]?.refreshedAt ?? null} />
      {items.length > 0 ? (
        <ul aria-label={t.store.title} className="grid gap-3 sm:grid-cols-2 xl:grid-cols-3">
          {items.map((item) => (
            <EntryCard key={item.id} item={item} onOpen={() => onOpen(item)} />
          ))}
        </ul>
      ) : isFiltered ? (
        <Empty
          icon={SearchX}
          title={t.ui.nothingFound}
          isSmall
          action={<Button onClick={onClear}>{t.ui.clearFilters}</Button>}
        />
      ) : (
        <Empty icon={PackageOpen} title={t.store.emptyTitle}>
          {missing.length > 0 ? t.store.emptyMissing : t.store.emptyText}
        </Empty>
      )}
      <Problems problems={wrong} />
    </div>
  );
}

function without<K extends keyof StoreSearch>(search: StoreSearch, key: K): Omit<StoreSearch, K> {
  const { [key]: _, ...rest } = search;
  return rest;
}
