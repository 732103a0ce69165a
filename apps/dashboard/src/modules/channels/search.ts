import type { ChannelQuery } from '@polyrelay/contract';

export const sorts = ['name', 'id', 'lastMessageAt', 'messages'] as const satisfies ChannelQuery['sort'][];
export type ChannelSort = (typeof sorts)[number];

/** What the list keeps in its address. */
export interface ListSearch {
  q?: string;
  sort?: ChannelSort;
  order?: 'asc' | 'desc';
  /** What is opened above the list. */
  dialog?: 'create';
}

/** How a column is first put in order: names and ids from the start, figures and times from the greatest. */
export const firstOrder = (sort: ChannelSort): 'asc' | 'desc' =>
  sort === 'name' || sort === 'id' ? 'asc' : 'desc';

export const tabs = ['overview', 'messages', 'rules', 'use', 'settings'] as const;
export type Tab = (typeof tabs)[number];

/** What the page of a channel keeps in its address. */
export interface DetailSearch {
  tab?: Tab;
  /** Expression that the messages have to match. */
  filter?: string | undefined;
  /** Key of the opened message. */
  message?: number | undefined;
  /** The rule that is edited: its id, or a new one. */
  rule?: string | undefined;
  /** What is opened above the page. */
  dialog?: 'add' | undefined;
}
