import type { Source } from '@polyrelay/contract';
import { useMutation } from '@tanstack/react-query';
import { History, RefreshCw } from 'lucide-react';
import { lazy, Suspense, useState } from 'react';
import { api } from '../../../lib/api';
import { toast } from '../../../lib/toast';
import { t } from '../../../strings';
import { Button } from '../../../ui/button';
import { ConfirmDialog } from '../../../ui/confirm';
import type { ServerFacts } from '../node-map';
import { base } from '../queries';
import { nameOf } from './release';
import { useUpdate } from './use-update';

const RefDialog = lazy(() => import('./ref-dialog'));
const ZipDialog = lazy(() => import('./zip-dialog'));

interface Props {
  server: ServerFacts;
  source: Source;
  /** Why none of it can be done now. */
  whyNot: string | null;
}

/** Update, update to another version, go back. What cannot be done now says why. */
export function UpdateButtons({ server, source, whyNot }: Props) {
  const { id, name, installed, previous, updateAvailable } = server;
  const [dialog, setDialog] = useState<'ref' | 'zip' | 'back' | null>(null);
  const sendUpdate = useUpdate(server);
  const update = useMutation({
    mutationFn: () => sendUpdate(updateAvailable?.ref && 'git' in source ? { ref: updateAvailable.ref } : {}),
    onError: (error) => toast.error(t.installation.notBegun(name), { description: error.message }),
  });
  const close = () => setDialog(null);
  const can = (act: () => void) =>
    whyNot === null
      ? { onClick: act }
      : { 'aria-disabled': true, 'data-tip': whyNot, className: 'opacity-60 cursor-not-allowed!' };
  const isOlder = previous !== null && installed !== null && previous.number < installed.number;
  const backLabel = previous && t.installation[isOlder ? 'goBack' : 'goForward'](nameOf(previous));
  return (
    <div className="flex flex-wrap items-center gap-2">
      {backLabel && (
        <Button size="sm" kind="quiet" icon={History} {...can(() => setDialog('back'))}>
          {backLabel}
        </Button>
      )}
      {'git' in source && (
        <Button size="sm" kind="quiet" {...can(() => setDialog('ref'))}>
          {t.installation.other}
        </Button>
      )}
      <Button
        size="sm"
        kind={updateAvailable ? 'main' : 'plain'}
        icon={RefreshCw}
        isBusy={update.isPending}
        {...can(() => ('archive' in source ? setDialog('zip') : update.mutate()))}
      >
        {updateAvailable ? t.nodeServers.updateTo(updateAvailable.version) : t.installation.update}
      </Button>
      <Suspense>
        {dialog === 'ref' && <RefDialog server={server} onClose={close} />}
        {dialog === 'zip' && <ZipDialog server={server} onClose={close} />}
      </Suspense>
      {previous && (
        <ConfirmDialog
          isOpen={dialog === 'back'}
          onClose={close}
          title={`${backLabel}?`}
          action={backLabel ?? ''}
          kind="main"
          onConfirm={async () => {
            await api.post(`${base(id)}/rollback`);
            toast.success(t.installation.goingBack(name, nameOf(previous)));
          }}
        >
          {t.installation.goBackText(installed ? nameOf(installed) : '')}
        </ConfirmDialog>
      )}
    </div>
  );
}
