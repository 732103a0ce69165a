import { ThingSort } from '@polyrelay/contract';
import type { MessagesSearch } from './messages/search';

export const statuses = ['created', 'verified', 'disabled', 'connected'] as const;
export type StatusFilter = (typeof statuses)[number];

export const sorts = ThingSort.options;

/** What the list keeps in its address. */
export interface ListSearch {
  q?: string;
  status?: StatusFilter;
  sort?: ThingSort;
  order?: 'asc' | 'desc';
  /** What is opened above the list. */
  dialog?: 'create';
}

/** How a column is first put in order: names from A, figures and times from the greatest. */
export const firstOrder = (sort: ThingSort): 'asc' | 'desc' => (sort === 'name' ? 'asc' : 'desc');

export const tabs = ['messages', 'send', 'sdk', 'settings'] as const;
export type Tab = (typeof tabs)[number];

/** What the page of a thing keeps in its address. */
export interface DetailSearch extends MessagesSearch {
  tab?: Tab;
}
