import type { Installed } from '@polyrelay/contract';
import { Link } from '@tanstack/react-router';
import { t } from '../../strings';
import { buttonClass } from '../../ui/button';
import { CodeBlock } from '../../ui/code-block';
import { CopyButton } from '../../ui/copy';

/** Development mode: the start URL and the command that runs a worker with it. */
export function RunItYourself({ nodeServer: { id, pgUrl } }: { nodeServer: Installed }) {
  return (
    <div className="flex flex-col gap-4">
      <Copyable what={t.nodeSettings.pgUrl} text={pgUrl} />
      <Copyable what={t.store.command} text={t.nodeSettings.pgUrlCommandLine(pgUrl)} />
      <p className="text-sm text-soft">{t.store.secret}</p>
      <Link to="/node-servers/$id" params={{ id }} className={buttonClass('main')}>
        {t.store.toNodeServer}
      </Link>
    </div>
  );
}

function Copyable({ what, text }: { what: string; text: string }) {
  return (
    <div>
      <p className="flex items-center justify-between gap-2 text-sm font-medium">
        {what}
        <CopyButton text={text} what={what} />
      </p>
      <CodeBlock label={what} text={text} className="mt-1" />
    </div>
  );
}
