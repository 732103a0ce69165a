import { createContext, useContext } from 'react';

/** What the frame of the pages can open, for its own parts. */
export interface ShellCommands {
  openPalette: () => void;
  openHelp: () => void;
}

export const ShellContext = createContext<ShellCommands>({ openPalette: () => {}, openHelp: () => {} });

export const useShellCommands = (): ShellCommands => useContext(ShellContext);
