import { MonitorQuery, MonitorStatus } from '@polyrelay/contract';

export const statuses = MonitorStatus.options;

export const sorts = MonitorQuery.shape.sort.unwrap().options;
export type MonitorSort = (typeof sorts)[number];

/** What the list keeps in its address. */
export interface ListSearch {
  q?: string;
  status?: MonitorStatus;
  sort?: MonitorSort;
  order?: 'asc' | 'desc';
}

/** How a column is first put in order: ids and topics from the start, times from the latest. */
export const firstOrder = (sort: MonitorSort): 'asc' | 'desc' =>
  sort === 'id' || sort === 'topic' ? 'asc' : 'desc';

/** What the page of a new one keeps in its address: the topic that it begins with. */
export interface CreateSearch {
  topic?: string;
}

export const tabs = ['overview', 'events', 'blocks', 'use', 'settings'] as const;
export type Tab = (typeof tabs)[number];

/** What the page of a monitor keeps in its address. */
export interface DetailSearch {
  tab?: Tab;
  /** Number of the opened block. */
  block?: number | undefined;
  /** What is opened above the page. */
  dialog?: 'replay' | undefined;
}
