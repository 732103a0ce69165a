import type { ChannelPage } from '@polyrelay/contract';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api, withQuery } from '../../lib/api';
import { useTyped } from '../../lib/use-typed';
import { t } from '../../strings';
import { CheckRow } from '../../ui/check-row';
import { ChoiceCards } from '../../ui/choice-cards';
import { FormError } from '../../ui/field';
import { TextField } from '../../ui/input';
import { SearchInput } from '../../ui/search-input';
import { Segmented } from '../../ui/segmented';
import { Loaded, Skeleton } from '../../ui/states';
import { channelRights, type RightsValues } from './token-rights';

const words = t.tokens.rights;
/** So many channels are listed at a time; searching reaches the others. */
const MOST = 50;

interface Props {
  values: RightsValues;
  set: <K extends keyof RightsValues>(name: K, value: RightsValues[K]) => void;
  field: (name: keyof RightsValues) => { name: string; error: string | undefined; onBlur: () => void };
}

/** What a token may do: everything, all but access itself, or a list. */
export function RightsFields({ values, set, field }: Props) {
  const kinds = ['master', 'standard', 'acl'] as const;
  return (
    <div className="flex min-w-0 flex-col gap-4">
      <ChoiceCards
        legend={words.title}
        columns=""
        choices={kinds.map((value) => ({ value, label: words.kinds[value], hint: words.kindHints[value] }))}
        value={values.kind}
        onChange={(kind) => set('kind', kind)}
      />
      {values.kind === 'acl' && (
        <>
          <ChannelRights values={values} set={set} field={field} />
          <MqttRights values={values} set={set} field={field} />
          <FormError text={field('kind').error} />
        </>
      )}
    </div>
  );
}

function ChannelRights({ values, set, field }: Props) {
  const { channels, ids, rights } = values;
  const which = ['none', 'all', 'some'] as const;
  const managesAll = rights.includes('manage');
  return (
    <fieldset className="flex min-w-0 flex-col gap-2">
      <legend className="mb-1.5 text-sm font-medium">{words.channels}</legend>
      <Segmented
        label={words.which}
        choices={which.map((value) => ({ value, label: words.whichOnes[value] }))}
        value={channels}
        onChange={(value) => set('channels', value)}
      />
      {channels === 'some' && (
        <>
          <ChannelPicker ids={ids} onChange={(next) => set('ids', next)} />
          <FormError text={field('ids').error} />
        </>
      )}
      {channels !== 'none' && (
        <ul aria-label={words.what} className="flex flex-col">
          {channelRights.map((right) => (
            <li key={right}>
              <CheckRow
                isOn={managesAll || rights.includes(right)}
                isDisabled={managesAll && right !== 'manage'}
                onChange={(isOn) =>
                  set('rights', isOn ? [...rights, right] : rights.filter((each) => each !== right))
                }
              >
                {words.may[right]}
              </CheckRow>
            </li>
          ))}
        </ul>
      )}
      <FormError text={field('rights').error} />
    </fieldset>
  );
}

function ChannelPicker({ ids, onChange }: { ids: readonly number[]; onChange: (ids: number[]) => void }) {
  const [search, setSearch] = useState('');
  const [typed, setTyped] = useTyped(search, (text) => setSearch(text.trim().slice(0, 100)));
  const query = useQuery({
    queryKey: ['token-channels', search],
    queryFn: ({ signal }) =>
      api.get<ChannelPage>(withQuery('/api/channels', { limit: MOST, search: search || undefined }), signal),
    placeholderData: keepPreviousData,
    staleTime: 0,
  });
  return (
    <>
      <SearchInput label={t.channels.search} value={typed} onChange={setTyped} />
      <Loaded query={query} skeleton={<Skeleton rows={2} className="h-8" />}>
        {({ items, total }) =>
          items.length === 0 ? (
            <p className="text-sm text-soft">{total === 0 ? t.channels.emptyTitle : t.ui.nothingFound}</p>
          ) : (
            <ul
              aria-label={words.which}
              className="flex max-h-44 flex-col overflow-y-auto rounded-md border border-edge p-1"
            >
              {items.map(({ id, name }) => (
                <li key={id}>
                  <CheckRow
                    isOn={ids.includes(id)}
                    onChange={(isOn) => onChange(isOn ? [...ids, id] : ids.filter((each) => each !== id))}
                  >
                    {name} <span className="text-sm text-faint">{t.channels.number(id)}</span>
                  </CheckRow>
                </li>
              ))}
            </ul>
          )
        }
      </Loaded>
      <p className="text-sm text-faint">{words.chosen(ids.length)}</p>
    </>
  );
}

const MqttRights = ({ values, set, field }: Props) => (
  <fieldset className="flex min-w-0 flex-col gap-2">
    <legend className="mb-1.5 text-sm font-medium">{words.mqtt}</legend>
    <CheckRow isOn={values.subscribes} onChange={(isOn) => set('subscribes', isOn)}>
      {words.subscribe}
    </CheckRow>
    <CheckRow isOn={values.publishes} onChange={(isOn) => set('publishes', isOn)}>
      {words.publish}
    </CheckRow>
    {(values.subscribes || values.publishes) && (
      <TextField
        label={words.topic}
        hint={words.topicHint}
        isOptional
        isMono
        autoComplete="off"
        autoCapitalize="none"
        spellCheck={false}
        placeholder="garden/#"
        value={values.topic}
        onChange={(topic) => set('topic', topic)}
        {...field('topic')}
      />
    )}
  </fieldset>
);
