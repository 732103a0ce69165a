import type { StoreQuery } from '@polyrelay/contract';
import type { z } from 'zod';
import type { ListedEntry } from './catalogues.js';

/** A page of the entries that match, by name. The cursor is the id of the page's last one. */
export function findEntries(
  entries: ListedEntry[],
  { search = '', language, cursor, limit }: z.output<typeof StoreQuery>,
): { items: ListedEntry[]; nextCursor: string | null; total: number } {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  const found = entries
    .filter((entry) => language === undefined || entry.language === language)
    .filter((entry) => {
      const text = textOf(entry);
      return words.every((word) => text.includes(word));
    })
    .sort((a, b) => a.name.localeCompare(b.name, 'en') || (a.id < b.id ? -1 : 1));
  const from = found.findIndex(({ id }) => id === cursor) + 1;
  const items = found.slice(from, from + limit);
  const hasMore = found.length > from + limit;
  return { items, nextCursor: hasMore ? (items.at(-1)?.id ?? null) : null, total: found.length };
}

const textOf = ({ id, name, author, description, tags = [] }: ListedEntry): string =>
  [id, name, author, description, ...tags].join(' ').toLowerCase();
