import type { Webhook } from '@polyrelay/contract';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Eye, EyeOff, RefreshCw } from 'lucide-react';
import { useState } from 'react';
import { api } from '../../../lib/api';
import { toast } from '../../../lib/toast';
import { t } from '../../../strings';
import { Button } from '../../../ui/button';
import { CodeBlock } from '../../../ui/code-block';
import { ConfirmDialog } from '../../../ui/confirm';
import { CopyButton, CopyWideButton } from '../../../ui/copy';
import { Facts } from '../../../ui/facts';
import { FormError } from '../../../ui/field';
import { Card } from '../../../ui/page';
import { RelativeTime } from '../../../ui/time';
import type { ServerFacts } from '../node-map';
import { base, webhookQuery } from '../queries';

/** The webhook URL, hidden until asked for, and who takes what comes. */
export function WebhookCard({ server }: { server: ServerFacts }) {
  const { data, error } = useQuery(webhookQuery(server.id));
  return (
    <Card title={t.nodeSettings.webhook}>
      <p className="text-soft">{t.nodeSettings.webhookText}</p>
      <FormError text={error?.message ?? null} />
      {data && <Details id={server.id} webhook={data} />}
    </Card>
  );
}

function Details({ id, webhook }: { id: string; webhook: Webhook }) {
  const client = useQueryClient();
  const [isShown, setShown] = useState(false);
  const [isRenewing, setRenewing] = useState(false);
  const { url, takenBy, count, lastAt } = webhook;
  const example = t.nodeSettings.webhookExample(url);
  const renew = async () => {
    client.setQueryData(webhookQuery(id).queryKey, await api.post<Webhook>(`${base(id)}/webhook`, {}));
    toast.success(t.nodeSettings.webhookRenewed);
  };
  return (
    <>
      <code
        data-testid="webhook"
        className="mt-3 block rounded-md bg-sunken px-3 py-2 font-mono text-sm break-all"
      >
        {isShown ? url : '•'.repeat(32)}
      </code>
      <div className="mt-3 flex flex-wrap gap-2">
        <Button
          icon={isShown ? EyeOff : Eye}
          aria-pressed={isShown}
          aria-label={`${isShown ? t.nodeSettings.hide : t.nodeSettings.reveal}: ${t.nodeSettings.webhook}`}
          onClick={() => setShown(!isShown)}
        >
          {isShown ? t.nodeSettings.hide : t.nodeSettings.reveal}
        </Button>
        <CopyWideButton text={url} what={t.nodeSettings.webhook} />
        <Button kind="dangerQuiet" icon={RefreshCw} onClick={() => setRenewing(true)}>
          {t.nodeSettings.webhookRenew}
        </Button>
      </div>
      <div className="mt-3">
        <Facts
          facts={[
            { label: t.nodeSettings.webhookTaken, value: t.nodeSettings.webhookTakenBy[takenBy] },
            { label: t.nodeSettings.webhookCount, value: count },
            { label: t.nodeSettings.webhookLast, value: <RelativeTime at={lastAt} /> },
          ]}
        />
      </div>
      {isShown && (
        <div className="mt-4">
          <p className="flex items-center justify-between gap-2 text-sm font-medium">
            {t.nodeSettings.example}
            <CopyButton text={example} what={t.nodeSettings.example} />
          </p>
          <CodeBlock label={t.nodeSettings.example} text={example} className="mt-1" />
        </div>
      )}
      <ConfirmDialog
        isOpen={isRenewing}
        onClose={() => setRenewing(false)}
        title={t.nodeSettings.webhookRenewTitle}
        action={t.nodeSettings.webhookRenew}
        onConfirm={renew}
      >
        {t.nodeSettings.webhookRenewText}
      </ConfirmDialog>
    </>
  );
}
