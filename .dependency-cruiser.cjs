/** The direction of flow (README, “How it is built”): edges and modules stand on core, modules never on each other. */
module.exports = {
  forbidden: [
    {
      name: 'modules-apart',
      comment:
        'A module reaches another through the port it decorates, or through events; never through its files.',
      severity: 'error',
      from: { path: '^apps/(server|dashboard)/src/modules/([^/]+)/' },
      to: { path: '^apps/$1/src/modules/([^/]+)/', pathNot: '^apps/$1/src/modules/$2/' },
    },
    {
      name: 'core-stands-alone',
      severity: 'error',
      from: { path: '^apps/server/src/core/' },
      to: { path: '^apps/server/src/(edges|modules|app|main)' },
    },
    {
      name: 'edges-know-no-module',
      severity: 'error',
      from: { path: '^apps/server/src/edges/' },
      to: { path: '^apps/server/src/modules/' },
    },
    {
      name: 'packages-know-no-app',
      severity: 'error',
      from: { path: '^packages/' },
      to: { path: '^apps/' },
    },
    {
      name: 'contract-without-io',
      severity: 'error',
      from: { path: '^packages/(contract|codecs)/src', pathNot: '[.]test[.]ts$' },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'dashboard-without-node',
      severity: 'error',
      from: { path: '^apps/dashboard/src', pathNot: '[.]test[.]tsx?$' },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'no-circles',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)(dist|generated|node_modules)/' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      conditionNames: ['source', 'import', 'default'],
      extensions: ['.ts', '.tsx', '.js', '.mjs'],
    },
  },
};
