const names = ['SIGTERM', 'SIGINT'] as const;

/** Calls back on the first signal that asks the process to end; the result takes the listeners away. */
export const onSignals = (leave: () => void): (() => void) => {
  const off = () => {
    for (const name of names) process.off(name, onSignal);
  };
  const onSignal = () => {
    // A second Ctrl-C ends it the hard way.
    off();
    leave();
  };
  for (const name of names) process.on(name, onSignal);
  return off;
};
