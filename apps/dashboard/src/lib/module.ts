import type { QueryClient } from '@tanstack/react-query';
import type { LucideIcon } from 'lucide-react';
import type { ComponentType, ReactNode } from 'react';
import type { LiveEvent } from './live-batch';

/** A place of the navigation: sidebar, bottom bar, palette and the keys to get there. */
export interface NavigationEntry {
  label: string;
  to: string;
  icon: LucideIcon;
  /** Pressed after `g`. */
  key: string;
  /** Smaller comes first. */
  order: number;
  /** Seldom gone to: a phone has it under “More”. */
  isRare?: boolean;
}

/** A page under Settings. */
export interface SettingsEntry {
  label: string;
  to: string;
  icon: LucideIcon;
  order: number;
  adminOnly?: boolean;
}

/** One thing the user should look at; shown first on the overview. */
export interface AttentionItem {
  id: string;
  severity: 'bad' | 'warn' | 'info';
  /** What it concerns, with a link. */
  subject: ReactNode;
  /** What is the matter, in words or as a notice's content. */
  body: ReactNode;
  /** When it began (ISO). */
  since: string | null;
  actions: ReactNode;
}

export interface Attention {
  /** False until it is known whether there is anything. */
  isReady: boolean;
  items: AttentionItem[];
  /** What to begin with, while the module holds nothing yet. */
  start?: ReactNode;
  /** One sentence for when nothing needs attention: “3 node servers connected”. */
  summary?: string;
}

/** A line of the palette: goes somewhere or does something. */
export interface PaletteItem {
  id: string;
  group: string;
  label: string;
  hint?: string;
  icon: LucideIcon;
  /** More words it is found by. */
  keywords?: string[];
  run: () => void;
}

/** What a module adds to the dashboard beside its routes. */
export interface DashboardModule {
  name: string;
  navigation?: readonly NavigationEntry[];
  settings?: readonly SettingsEntry[];
  /** Live topics listened to on every page. */
  topics?: readonly string[];
  /** Cached answers those topics keep true. */
  keeps?: readonly (readonly string[])[];
  /** Brings cached answers up to date with what happened. */
  onEvents?: (events: LiveEvent[], client: QueryClient) => void;
  /** Hook: what needs the user. */
  useAttention?: () => Attention;
  /** A part of the overview, under what needs attention. */
  Overview?: ComponentType;
  /** Hook: what the palette reaches; `search` is what was typed, for what is too much to have at hand. */
  usePalette?: (search: string) => PaletteItem[];
}
