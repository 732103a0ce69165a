import type { NavigationEntry, SettingsEntry } from '../lib/module';
import { modules } from '../modules';

/** The places of the dashboard, in order. */
export const navigation: readonly NavigationEntry[] = modules
  .flatMap((module) => module.navigation ?? [])
  .sort((a, b) => a.order - b.order);

/** What a phone shows at once, and what under “More”. */
export const atHand = navigation.filter(({ isRare }) => !isRare);
export const underMore = navigation.filter(({ isRare }) => isRare);

/** The pages under Settings, in order. */
export const settingsPages: readonly SettingsEntry[] = modules
  .flatMap((module) => module.settings ?? [])
  .sort((a, b) => a.order - b.order);
