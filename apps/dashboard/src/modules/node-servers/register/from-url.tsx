import type { FieldError } from '@polyrelay/contract';
import { Link2 } from 'lucide-react';
import { useState } from 'react';
import { api } from '../../../lib/api';
import { t } from '../../../strings';
import { Button } from '../../../ui/button';
import { TextField } from '../../../ui/input';

/** Fetches a server.json from its address, through the service: browsers may not ask other sites. */
export function FromUrl({ onText }: { onText: (text: string) => void }) {
  const [url, setUrl] = useState('');
  const [error, setError] = useState<string | undefined>();
  const [isBusy, setBusy] = useState(false);
  const fetchIt = async () => {
    if (!/^https?:\/\/\S+$/.test(url.trim())) return setError(t.register.badUrl);
    setBusy(true);
    setError(undefined);
    try {
      const answer = await api.post<{ valid: boolean; errors: FieldError[]; serverJson: unknown }>(
        '/api/node-servers/validate',
        { url: url.trim() },
      );
      if (answer.serverJson) onText(JSON.stringify(answer.serverJson, null, 2));
      else
        setError(
          answer.errors.map(({ path, message }) => (path ? `${path}: ${message}` : message)).join(' · ') ||
            t.register.notFetched,
        );
    } catch (cause) {
      setError(cause instanceof Error ? cause.message : String(cause));
    } finally {
      setBusy(false);
    }
  };
  return (
    <div className="flex items-start gap-2">
      <div className="min-w-0 flex-1">
        <TextField
          label={t.register.url}
          type="url"
          placeholder="https://…/server.json"
          value={url}
          onChange={setUrl}
          error={error}
          onKeyDown={(event) => {
            if (event.key !== 'Enter') return;
            event.preventDefault();
            void fetchIt();
          }}
        />
      </div>
      <Button icon={Link2} isBusy={isBusy} onClick={() => void fetchIt()} className="mt-6.5">
        {t.register.fetch}
      </Button>
    </div>
  );
}
