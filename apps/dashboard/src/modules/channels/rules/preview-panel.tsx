import type { RuleSource } from '@polyrelay/contract';
import { Link } from '@tanstack/react-router';
import { Radio, RotateCw } from 'lucide-react';
import { t } from '../../../strings';
import { Button, buttonClass } from '../../../ui/button';
import { FormError } from '../../../ui/field';
import { Fold } from '../../../ui/fold';
import { Empty, Skeleton } from '../../../ui/states';
import { PreviewCard } from './preview-card';
import type { Preview } from './use-preview';

/** So many facts are open; the others are folded away. */
const OPEN = 2;

interface Props {
  preview: Preview;
  kind: RuleSource['kind'];
}

/** The latest facts, before and after the rule. */
export function PreviewPanel({ preview, kind }: Props) {
  return (
    <section
      aria-labelledby="preview"
      className="flex min-w-0 flex-col gap-3 lg:sticky lg:top-4 lg:max-h-[calc(100dvh-2rem)] lg:overflow-y-auto"
    >
      <div>
        <h2 id="preview" className="text-lg font-semibold">
          {t.channels.rules.preview.title}
        </h2>
        <p className="text-sm text-soft">{t.channels.rules.preview.text}</p>
      </div>
      <Content preview={preview} kind={kind} />
    </section>
  );
}

function Content({ preview: { canAsk, items, error, retry, mapping }, kind }: Props) {
  if (!canAsk) return <p className="text-soft">{t.channels.rules.preview.waiting}</p>;
  if (error)
    return (
      <div className="flex flex-col items-start gap-2">
        <FormError text={`${t.channels.rules.preview.failed}: ${error.message}`} />
        <Button size="sm" icon={RotateCw} onClick={retry}>
          {t.ui.retry}
        </Button>
      </div>
    );
  if (items === undefined) return <Skeleton rows={2} className="h-40" />;
  if (items.length === 0) return <Nothing kind={kind} />;
  const older = items.slice(OPEN);
  const cards = (some: typeof items) =>
    some.map((item, index) => (
      // biome-ignore lint/suspicious/noArrayIndexKey: two facts may be of one moment; cards keep no state
      <PreviewCard key={`${item.at} ${item.from} ${index}`} item={item} mapping={mapping} />
    ));
  return (
    <>
      {cards(items.slice(0, OPEN))}
      {older.length > 0 && (
        <Fold title={t.channels.rules.preview.older(older.length)}>
          <div className="mt-3 flex flex-col gap-3">{cards(older)}</div>
        </Fold>
      )}
    </>
  );
}

const Nothing = ({ kind }: { kind: RuleSource['kind'] }) => (
  <Empty
    isSmall
    icon={Radio}
    title={t.channels.rules.preview.none[kind]}
    action={
      <Link to={kind === 'things' ? '/things' : '/node-servers'} className={buttonClass('plain', 'sm')}>
        {t.channels.rules.preview.go[kind]}
      </Link>
    }
  >
    {t.channels.rules.preview.noneText[kind]}
  </Empty>
);
