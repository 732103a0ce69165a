import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { thingsQuery } from '../../../lib/things';
import { useTyped } from '../../../lib/use-typed';
import { t } from '../../../strings';
import { buttonClass } from '../../../ui/button';
import { ThingName } from '../../../ui/thing-name';
import { PickList } from './pick-list';
import { useThingNames } from './source-words';

interface Props {
  ids: readonly string[];
  onChange: (ids: string[]) => void;
}

/** Things to choose from, found by a few letters. */
export function ThingPicker({ ids, onChange }: Props) {
  const [search, setSearch] = useState('');
  const [typed, setTyped] = useTyped(search, (text) => setSearch(text.trim().slice(0, 100)));
  const query = useQuery(thingsQuery(search));
  const nameOf = useThingNames(ids);
  return (
    <PickList
      labels={{ search: t.channels.rules.search.things, list: t.channels.rules.which.things }}
      query={query}
      itemsOf={({ items }) => items.map(({ id, name }) => ({ id, label: <ThingName name={name} /> }))}
      hasMore={typeof query.data?.nextCursor === 'string'}
      search={typed}
      onSearch={setTyped}
      isSearched={search !== ''}
      chosen={ids.map((id) => {
        const name = nameOf(id);
        return { id, name: name === null ? t.channels.rules.sources.goneThing : (name ?? '…') };
      })}
      onChange={onChange}
      none={
        <>
          <p className="text-soft">{t.channels.rules.noneThere.things}</p>
          <Link to="/things" search={{ dialog: 'create' }} className={buttonClass('plain', 'sm')}>
            {t.channels.rules.toCreate.things}
          </Link>
        </>
      }
    />
  );
}
