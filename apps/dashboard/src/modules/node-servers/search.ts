export const tabs = ['notices', 'nodes', 'parameters', 'log', 'settings'] as const;
export type Tab = (typeof tabs)[number];

export const ranges = ['1h', '24h', '7d', '30d'] as const;
export type Range = (typeof ranges)[number];

export const levels = ['debug', 'info', 'warning', 'error'] as const;

/** What the page of a node server keeps in its address. */
export interface DetailSearch {
  tab?: Tab;
  /** Search among the nodes. */
  q?: string;
  /** The opened node. */
  node?: string;
  /** Plotted drivers, `address.driver`, the second to compare with. */
  plot?: string;
  compare?: string;
  range?: Range;
  /** The log's least level, its filter and the line the link means. */
  level?: (typeof levels)[number];
  text?: string;
  line?: number;
}
