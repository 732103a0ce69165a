import { Eye, EyeOff } from 'lucide-react';
import { useState } from 'react';
import { t } from '../../../strings';
import { Button } from '../../../ui/button';
import { CodeBlock } from '../../../ui/code-block';
import { CopyButton, CopyWideButton } from '../../../ui/copy';
import { Card } from '../../../ui/page';

/** The worker's start URL: hidden until asked for, because whoever has it is this worker. */
export function PgUrlCard({ pgUrl }: { pgUrl: string }) {
  const [isShown, setShown] = useState(false);
  return (
    <Card title={t.nodeSettings.pgUrl}>
      <p className="text-soft">{t.nodeSettings.pgUrlText}</p>
      <code
        data-testid="pgurl"
        className="mt-3 block rounded-md bg-sunken px-3 py-2 font-mono text-sm break-all"
      >
        {isShown ? pgUrl : '•'.repeat(32)}
      </code>
      <div className="mt-3 flex flex-wrap gap-2">
        <Button icon={isShown ? EyeOff : Eye} aria-pressed={isShown} onClick={() => setShown(!isShown)}>
          {isShown ? t.nodeSettings.hide : t.nodeSettings.reveal}
        </Button>
        <CopyWideButton text={pgUrl} what={t.nodeSettings.pgUrl} />
      </div>
      {isShown && (
        <>
          <Commands
            label={t.nodeSettings.pgUrlCommand}
            hint={t.nodeSettings.pgUrlCommandText}
            text={t.nodeSettings.pgUrlCommandLine(pgUrl)}
          />
          <Commands label={t.nodeSettings.example} text={t.nodeSettings.pgUrlExample(pgUrl)} />
        </>
      )}
    </Card>
  );
}

function Commands({ label, hint, text }: { label: string; hint?: string; text: string }) {
  return (
    <div className="mt-4">
      <p className="flex items-center justify-between gap-2 text-sm font-medium">
        {label}
        <CopyButton text={text} what={label} />
      </p>
      {hint !== undefined && <p className="text-sm text-soft">{hint}</p>}
      <CodeBlock label={label} text={text} className="mt-1" />
    </div>
  );
}
