import type { Thing } from '@polyrelay/contract';
import { Link } from '@tanstack/react-router';
import { MessagesSquare } from 'lucide-react';
import { t } from '../../../strings';
import { buttonClass } from '../../../ui/button';
import { CodeBlock } from '../../../ui/code-block';
import { CopyButton } from '../../../ui/copy';
import { Empty } from '../../../ui/states';

/** Run in the folder of the unpacked Thing SDK. */
const commands = [
  { label: t.messages.firstNode, text: `echo '{"temperature": 21.5}' | node thing.mjs collect` },
  { label: t.messages.firstPython, text: `echo '{"temperature": 21.5}' | python3 -m flashlexiot collect` },
];

/** Before there is any message: what this is for, and the commands that bring the first one. */
export function FirstMessage({ thing }: { thing: Thing }) {
  return (
    <Empty
      icon={MessagesSquare}
      title={t.messages.firstTitle}
      action={
        <Link
          to="/things/$id"
          params={{ id: thing.id }}
          search={{ tab: 'sdk' }}
          className={buttonClass('main')}
        >
          {t.messages.toSdk}
        </Link>
      }
    >
      <p>{t.messages.firstText}</p>
      <div className="mt-3 flex flex-col gap-3 text-left">
        {commands.map(({ label, text }) => (
          <div key={label} className="min-w-0">
            <div className="flex items-center justify-between text-sm font-medium text-ink">
              {label}
              <CopyButton text={text} what={`${t.messages.firstCommand} (${label})`} />
            </div>
            <CodeBlock label={label} text={text} className="text-ink" />
          </div>
        ))}
      </div>
    </Empty>
  );
}
