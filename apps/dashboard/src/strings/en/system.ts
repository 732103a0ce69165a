import { many } from './many';

/** Overview, health and what the service is. */
export const system = {
  overview: {
    title: 'Overview',
    attention: (count: number) => `${many(count, 'matter needs', 'matters need')} you`,
    severity: { bad: 'Problem:', warn: 'Waiting for you:', info: 'Notice:' },
    allWell: 'All is well',
    nothingWaits: 'Nothing waits for you.',
    service: 'Service',
    refresh: 'Refresh the figures',
  },

  health: {
    title: 'Health',
    ok: 'Healthy',
    failing: 'Failing',
    database: 'Database',
    broker: 'MQTT broker',
    disk: 'Disk',
    kinds: { embedded: 'Embedded', outside: 'Outside' },
    clients: (count: number) => many(count, 'client', 'clients'),
    free: (free: string, total: string) => `${free} free of ${total}`,
    version: 'Version',
    uptime: 'Up',
    memory: 'Memory',
  },

  rates: {
    title: 'Traffic',
    names: {
      driverUpdates: 'Value updates',
      workerMessages: 'Worker messages',
      relays: 'Sign-ins relayed',
      messagesCollected: 'Messages collected',
      messagesPublished: 'Messages published',
    },
    perMinute: 'a minute',
    plot: (name: string, minutes: number, most: string) =>
      `${name} in each of the last ${minutes} minutes, at most ${most}`,
  },

  about: {
    title: 'About',
    text: 'This service, and what other programs need to talk to it.',
    links: 'For programs',
    docs: 'API documentation',
    docsText: 'Every call, to read and to try.',
    openapi: 'OpenAPI document',
    openapiText: 'The same for tools that generate clients.',
    ca: 'CA certificate',
    caText: 'Programs that connect over TLS check this service by it.',
    metrics: 'Metrics',
    metricsText: 'Figures for Prometheus.',
  },
};
