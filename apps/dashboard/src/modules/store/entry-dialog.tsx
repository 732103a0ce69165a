import type { Installed, StoreItem } from '@polyrelay/contract';
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { toast } from '../../lib/toast';
import { t } from '../../strings';
import { Dialog } from '../../ui/dialog';
import { Facts } from '../../ui/facts';
import { Loaded } from '../../ui/states';
import { Copies } from './copies';
import { InstallForm } from './install-form';
import { Outside } from './outside';
import { entryQuery } from './queries';
import { RunItYourself } from './run-it-yourself';

/** An entry of the store, and the form to install it. */
export function EntryDialog({ id, onClose }: { id: string; onClose: () => void }) {
  const navigate = useNavigate();
  const entry = useQuery(entryQuery(id));
  const [own, setOwn] = useState<Installed | null>(null);
  const done = (made: Installed) => {
    toast.success(t.register.added(made.name));
    for (const warning of made.warnings) toast.warning(t.store.warning, { description: warning });
    if (made.development) setOwn(made);
    else void navigate({ to: '/node-servers/$id', params: { id: made.id } });
  };
  return (
    <Dialog
      isOpen
      onClose={onClose}
      size="md"
      title={own ? t.store.runTitle(own.name) : (entry.data?.name ?? t.store.install)}
      description={own ? t.store.runText : entry.data?.description}
    >
      {own ? (
        <RunItYourself nodeServer={own} />
      ) : (
        <Loaded query={entry}>
          {(item) => (
            <div className="flex flex-col gap-4">
              <EntryFacts item={item} />
              {item.copies.length > 0 && <Copies item={item} />}
              <InstallForm item={item} onDone={done} onCancel={onClose} />
            </div>
          )}
        </Loaded>
      )}
    </Dialog>
  );
}

function EntryFacts({ item }: { item: StoreItem }) {
  const { version, author, language, license, documentation, source, catalogue, ingressRequired } = item;
  return (
    <Facts
      facts={[
        { label: t.register.version, value: version },
        { label: t.register.author, value: author },
        { label: t.store.language, value: t.store.languages[language] },
        ...(license === undefined ? [] : [{ label: t.register.license, value: license }]),
        { label: t.register.docs, value: <Outside url={documentation} /> },
        {
          label: t.nodeSettings.source,
          value: 'git' in source ? [source.git, source.ref].filter(Boolean).join(' @ ') : source.archive,
        },
        ...(ingressRequired ? [{ label: t.store.ingress, value: t.store.ingressText }] : []),
        { label: t.store.catalogue, value: catalogue },
      ]}
    />
  );
}
