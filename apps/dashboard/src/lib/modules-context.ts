import { createContext, useContext } from 'react';
import type { DashboardModule } from './module';

/** The dashboard's modules, for pages that show something of each. The list never changes while the page lives. */
export const ModulesContext = createContext<readonly DashboardModule[]>([]);

export const useModules = (): readonly DashboardModule[] => useContext(ModulesContext);
