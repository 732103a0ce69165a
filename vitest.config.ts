import { defineConfig, type TestProjectInlineConfiguration } from 'vitest/config';

/** These put something in a module's place, or look at the process itself: each has a process of its own. */
const ALONE = [
  'apps/server/src/modules/workers/states.test.ts',
  'apps/server/src/modules/workers/install/gate.test.ts',
];

/** Packages are tested as source: no build is needed before. */
const SOURCE = {
  resolve: { conditions: ['source'] },
  ssr: { resolve: { conditions: ['source'], externalConditions: ['source'] } },
};

const project = (name: string, isolate: boolean, include: string[], exclude: string[] = []) =>
  ({
    ...SOURCE,
    test: {
      name,
      isolate,
      include,
      exclude,
      testTimeout: 30_000,
      hookTimeout: 60_000,
      // Starting services makes much garbage that is gone at once.
      execArgv: ['--max-semi-space-size=32'],
      // A slow machine is no failure: what is waited for comes as soon as it can.
      expect: { poll: { timeout: 15_000 } },
    },
  }) satisfies TestProjectInlineConfiguration;

export default defineConfig({
  ...SOURCE,
  test: {
    globalSetup: ['apps/server/src/testing/global-setup.ts'],
    pool: 'forks',
    // One more than the cores of a small machine: most files wait for processes of their own for half their time.
    maxWorkers: 3,
    projects: [
      project('alone', true, ALONE),
      // Loading the service takes a second or two: a process does it once for all its files.
      project('together', false, ['apps/*/src/**/*.test.{ts,tsx}', 'packages/*/src/**/*.test.ts'], ALONE),
    ],
  },
});
