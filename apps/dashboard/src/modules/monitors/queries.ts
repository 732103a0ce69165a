import type { Monitor, MonitorPage } from '@polyrelay/contract';
import { queryOptions } from '@tanstack/react-query';
import { api } from '../../lib/api';
import { whenLive } from '../../lib/live-query';
import { pagesQuery } from '../../lib/pages';
import type { ListSearch } from './search';

/** Every page of monitors that was fetched. */
export const MONITORS = 'monitors';
/** Every monitor that was fetched on its own. */
export const MONITOR = 'monitor';
const PAGE_SIZE = 100;

export const base = (id: number | string): string => `/api/monitors/${encodeURIComponent(id)}`;

const pages = (of: Parameters<typeof pagesQuery>[1]) =>
  pagesQuery<MonitorPage>({ key: [MONITORS], path: '/api/monitors' }, of);

/** Monitors that match, page by page; each page has the number of all. */
export const listQuery = ({ q: search, status, sort, order }: ListSearch) =>
  pages({ limit: PAGE_SIZE, search, status, sort, order });

/** Monitors by a few letters, those that sent something last first. */
export const foundQuery = (search: string, limit: number) =>
  pages({ search: search || undefined, sort: 'lastSent', order: 'desc', limit });

/** Monitors that may be in trouble, the oldest first. */
export const inStatusQuery = (status: 'CONNECTING' | 'DISABLED') =>
  pages({ status, sort: 'createdAt', order: 'asc', limit: 20 });

/** One monitor. */
export const monitorQuery = (id: number | string) =>
  queryOptions({
    queryKey: [MONITOR, String(id)],
    queryFn: whenLive((signal) => api.get<Monitor>(base(id), signal)),
  });
