import type { StoreItem } from '@polyrelay/contract';
import { Link } from '@tanstack/react-router';
import { ArrowUp } from 'lucide-react';
import { t } from '../../strings';
import { Chip } from '../../ui/badge';

/** The user's copies of an entry, with their places and newer versions. */
export function Copies({ item: { copies, version } }: { item: StoreItem }) {
  return (
    <div className="rounded-md bg-sunken px-3 py-2 text-sm">
      <p className="font-medium">{t.store.installed(copies.length)}</p>
      <ul>
        {copies.map((copy) => (
          <li key={copy.id} className="flex flex-wrap items-center gap-x-2 gap-y-0.5 py-0.5">
            <Link
              to="/node-servers/$id"
              params={{ id: copy.id }}
              className="min-w-0 text-accent underline wrap-anywhere"
            >
              {copy.name}
            </Link>
            <span className="text-soft">
              {[
                t.nodeServers.place(copy.controllerName, copy.slot),
                copy.version && t.nodeServers.version(copy.version),
              ]
                .filter(Boolean)
                .join(' · ')}
            </span>
            {copy.isUpdatable && (
              <Chip tone="busy">
                <ArrowUp aria-hidden className="size-3" />
                {t.nodeServers.updateTo(version)}
              </Chip>
            )}
          </li>
        ))}
      </ul>
    </div>
  );
}
