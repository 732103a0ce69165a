import type { NavigationEntry, SettingsEntry } from '../lib/module';
import { modules } from '../modules';

/** The places of the dashboard, in order. */
export const navigation: readonly NavigationEntry[] = modules
  .flatMap((module) => module.navigation ?? [])
  .sort((a, b) => a.order - b.order);

/** The pages under Settings, in order. */
export const settingsPages: readonly SettingsEntry[] = modules
  .flatMap((module) => module.settings ?? [])
  .sort((a, b) => a.order - b.order);
