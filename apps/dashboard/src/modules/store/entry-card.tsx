import type { StoreItem } from '@polyrelay/contract';
import { BookOpen, Download } from 'lucide-react';
import { t } from '../../strings';
import { Chip } from '../../ui/badge';
import { Button, buttonClass } from '../../ui/button';
import { Copies } from './copies';

/** One node server of the store: what it is, what is installed of it, and the button to install it. */
export function EntryCard({ item, onOpen }: { item: StoreItem; onOpen: () => void }) {
  const { name, version, author, language, description, documentation, copies, tags = [] } = item;
  return (
    <li className="flex min-w-0 flex-col gap-2 rounded-lg border border-line bg-card p-4 shadow-card">
      <div className="flex flex-wrap items-baseline gap-x-2 gap-y-1">
        <h2 className="min-w-0 font-semibold wrap-anywhere">{name}</h2>
        <span className="text-sm text-faint">{t.nodeServers.version(version)}</span>
      </div>
      <p className="text-sm text-faint wrap-anywhere">{t.store.by(author)}</p>
      <p className="line-clamp-3 text-soft wrap-anywhere">{description}</p>
      <p className="flex flex-wrap gap-1">
        <Chip>{t.store.languages[language]}</Chip>
        {tags.map((tag) => (
          <Chip key={tag}>{tag}</Chip>
        ))}
      </p>
      {copies.length > 0 && <Copies item={item} />}
      <div className="mt-auto flex flex-wrap gap-2 pt-1">
        <Button
          kind="main"
          size="sm"
          icon={Download}
          onClick={onOpen}
          aria-label={copies.length > 0 ? t.store.installAnotherOf(name) : t.store.installName(name)}
          data-list-item
        >
          {copies.length > 0 ? t.store.installAnother : t.store.install}
        </Button>
        <a
          href={documentation}
          target="_blank"
          rel="noopener noreferrer"
          aria-label={t.store.documentationOf(name)}
          className={buttonClass('plain', 'sm')}
        >
          <BookOpen aria-hidden className="size-4" />
          {t.store.documentation}
        </a>
      </div>
    </li>
  );
}
