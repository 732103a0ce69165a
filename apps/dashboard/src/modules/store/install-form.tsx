import type { Installed, StoreItem } from '@polyrelay/contract';
import { useQuery } from '@tanstack/react-query';
import { controllersQuery, listQuery } from '../../lib/node-servers';
import { overviewQuery } from '../../lib/overview';
import { t } from '../../strings';
import { Button } from '../../ui/button';
import { FormError } from '../../ui/field';
import { TextField } from '../../ui/input';
import { ProviderFields } from '../../ui/oauth-fields';
import { PlaceFields } from '../../ui/place-fields';
import { Switch } from '../../ui/switch';
import { Elapsed } from '../../ui/time';
import { Outside } from './outside';
import { type Install, useInstall } from './use-install';

interface Props {
  item: StoreItem;
  onDone: (made: Installed) => void;
  onCancel: () => void;
}

/** Where a copy goes, how it signs in, and who runs it. */
export function InstallForm({ item, onDone, onCancel }: Props) {
  const install = useInstall(item, onDone);
  const { form, values, set, field, formError, isBusy, since, cancel } = install;
  return (
    <form {...form} className="flex flex-col gap-4">
      <Place install={install} />
      <TextField
        label={t.store.name}
        hint={t.store.nameHint}
        isOptional
        placeholder={item.name}
        value={values.name}
        onChange={(name) => set('name', name)}
        {...field('name')}
      />
      <Provider item={item} install={install} />
      <Switch
        label={t.store.development}
        hint={t.store.developmentHint}
        checked={values.development}
        onChange={(development) => set('development', development)}
      />
      {!values.development && (
        <Switch
          label={t.register.start}
          hint={t.register.startHint}
          checked={values.start}
          onChange={(start) => set('start', start)}
        />
      )}
      <div className="sticky -bottom-5 -mx-5 -mb-5 flex flex-wrap items-center justify-end gap-2 border-t border-line bg-raised px-5 sm:rounded-b-xl py-3.5">
        <div className="w-full empty:hidden">
          <FormError text={formError} />
        </div>
        <span role="status" className="mr-auto text-sm text-soft">
          {isBusy && since !== null && (
            <>
              {t.store.reading} <Elapsed since={since} />
            </>
          )}
        </span>
        <Button
          onClick={() => {
            cancel();
            onCancel();
          }}
        >
          {t.ui.cancel}
        </Button>
        <Button type="submit" kind="main" isBusy={isBusy}>
          {t.store.install}
        </Button>
      </div>
    </form>
  );
}

function Place({ install: { values, set, field } }: { install: Install }) {
  const { data: controllers = [] } = useQuery(controllersQuery);
  const { data: servers = [] } = useQuery(listQuery);
  return <PlaceFields {...{ values, set, field, controllers, servers }} />;
}

function Provider({ item, install: { values, set, field } }: { item: StoreItem; install: Install }) {
  const overview = useQuery(overviewQuery);
  const origin = overview.data?.publicUrl ?? location.origin;
  return (
    <ProviderFields
      {...{ values, set, field }}
      onHas={(has) => set('hasOAuth', has)}
      hint={item.oauth === undefined ? t.provider.hasHint : t.store.signsIn}
      redirectUri={`${origin}/api/oauth/callback`}
    >
      {item.oauth?.console !== undefined && (
        <p className="text-sm wrap-anywhere">
          {t.store.console} <Outside url={item.oauth.console} />
        </p>
      )}
    </ProviderFields>
  );
}
