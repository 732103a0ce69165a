import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { listQuery } from '../../../lib/node-servers';
import { t } from '../../../strings';
import { buttonClass } from '../../../ui/button';
import { PickList } from './pick-list';

interface Props {
  ids: readonly string[];
  onChange: (ids: string[]) => void;
}

/** Node servers to choose from, found by a few letters. */
export function NodeServerPicker({ ids, onChange }: Props) {
  const [search, setSearch] = useState('');
  const query = useQuery(listQuery);
  const nameOf = (id: string) => query.data?.find((server) => server.id === id)?.name;
  const wanted = search.trim().toLowerCase();
  const otherwise = query.data ? t.channels.rules.sources.goneNodeServer : '…';
  return (
    <PickList
      labels={{ search: t.channels.rules.search.nodeServers, list: t.channels.rules.which.nodeServers }}
      query={query}
      itemsOf={(all) =>
        all
          .filter(({ name }) => name.toLowerCase().includes(wanted))
          .map(({ id, name }) => ({ id, label: name }))
      }
      hasMore={false}
      search={search}
      onSearch={setSearch}
      isSearched={wanted !== ''}
      chosen={ids.map((id) => ({ id, name: nameOf(id) ?? otherwise }))}
      onChange={onChange}
      none={
        <>
          <p className="text-soft">{t.channels.rules.noneThere.nodeServers}</p>
          <Link to="/node-servers" className={buttonClass('plain', 'sm')}>
            {t.channels.rules.toCreate.nodeServers}
          </Link>
        </>
      }
    />
  );
}
