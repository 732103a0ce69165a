import { many } from './many';

/** The event log. */
export const events = {
  events: {
    title: 'Events',
    text: 'Everything that happens, as it happens.',
    one: 'Event',
    count: (count: number) => many(count, 'event', 'events'),
    filter: 'Topic filter',
    filterHint: '“+” stands for one level, “#” for the rest. Several are separated by commas.',
    badFilter: 'Write a path such as nodeServers/+/notices/#',
    presets: 'Common filters',
    presetLabels: ['All', 'Node servers', 'Notices', 'Nodes and values', 'Sign-ins', 'Things', 'Messages'],
    pause: 'Pause',
    resume: 'Resume',
    showNew: (count: number) => `Show ${count.toLocaleString('en')} new`,
    operations: { INSERTION: 'added', UPDATE: 'changed', DELETION: 'removed' },
    topic: 'Topic',
    operation: 'What happened',
    at: 'When',
    id: 'Event ID',
    group: 'Group',
    payload: 'Payload',
    emptyTitle: 'No events',
    emptyText: 'As soon as something happens, such as a value that changes, it is shown here.',
    emptyFiltered: 'Nothing of this kind has happened yet. Widen the filter to see more.',
  },
};
