import { many } from './many';
import { monitorForms } from './monitor-forms';

/** Push monitors: the list, the page of one, its blocks, and how to use it. */
export const monitors = {
  monitors: {
    title: 'Monitors',
    number: (id: number) => `Monitor ${id}`,
    allCount: (count: number) => (count === 1 ? 'See it' : `All ${count.toLocaleString('en')}`),
    parts: 'Parts of this monitor',
    tabs: { overview: 'Overview', events: 'Events', blocks: 'Blocks', use: 'Use it', settings: 'Settings' },
    goneTitle: 'There is no such monitor',
    goneText: 'It was deleted, or the address is mistyped.',

    statusTips: {
      CONNECTING: 'Its server has not answered yet, or not lately',
      ACTIVE: 'Events are sent as they happen',
      INACTIVE: 'Nobody is connected, and what happens meanwhile is not kept for it',
      SUSPENDED: 'Nobody is connected; it goes on where it was',
      DISABLED: 'Without a success for 24 hours; changing it starts it again',
    },

    search: 'Search monitors',
    filter: 'Status',
    all: 'All',
    sort: 'Sort by',
    sorts: { id: 'ID', topic: 'Topic', lastSent: 'Last sent', createdAt: 'Newest' },
    columns: {
      topic: 'Topic',
      id: 'ID',
      status: 'Status',
      transport: 'Transport',
      lag: 'Waiting',
      rate: 'Rate',
      /** On a phone, after the number. */
      lagWord: 'waiting',
      rateWord: '',
      lastSent: 'Last sent',
    },
    transports: { tcp: 'TCP', http: 'HTTP', polling: 'Polling' },
    perSecond: (rate: number) =>
      `${rate.toLocaleString('en', { maximumFractionDigits: rate < 1 ? 2 : 1 })}/s`,
    lag: (shown: string, more: boolean) => (more ? `${shown}+` : shown),
    lagWords: (shown: string, isOne: boolean) => `${shown} ${isOne ? 'event waits' : 'events wait'}`,
    noLag: 'nothing waits',
    neverSent: 'nothing yet',
    /** Of polling, where others have what waits, and the rate. */
    fetched: 'fetched by the client',
    none: '–',
    lastSent: 'last sent',

    emptyTitle: 'No monitors yet',
    emptyText:
      'A monitor pushes what happens here to your application: values of nodes, messages of things, connections, alarms. None is lost on the way.',
    emptySteps: [
      'Choose what to watch, and see the events that match.',
      'Choose how they come: over a connection, to your web server, or fetched when you like.',
      'Start a client with the command that is shown, and watch them arrive.',
    ],

    create: 'Create a monitor',
    created: (name: string) => `${name} is created`,
    saved: 'Saved. The session was ended; the client connects again by itself.',

    failing: 'It does not get through',
    disabledBody: 'Its server has not answered for 24 hours, and nothing is sent any more.',
    open: 'Open',

    reasons: {
      CONNECTING: 'Its server does not take events',
      DISABLED: 'This monitor is disabled',
      DISABLEDText:
        'Its server has not taken anything for 24 hours. Mend it, then save the settings: it goes on with what happens from then on. Replay sends what it missed.',
      toSettings: 'Go to its settings',
    },

    otherOwner: 'It belongs to another user',
    otherOwnerText: 'It sends that user’s events, and clients sign in to it as that user.',
    otherEvents: 'Only its owner sees these events here. What was sent stands under Blocks.',

    facts: {
      title: 'Facts',
      id: 'ID',
      topic: 'Topic',
      description: 'Description',
      customerId: 'Customer id',
      transport: 'Transport',
      url: 'Address',
      peer: 'Connected from',
      nobody: 'nobody is connected',
      batch: 'Batches',
      batchOf: (size: number, seconds: string) => `${many(size, 'event', 'events')}, or after ${seconds}`,
      batchAtOnce: (size: number) => `up to ${many(size, 'event', 'events')}, without waiting`,
      format: 'Format',
      formats: { json: 'JSON', xml: 'XML' },
      compressed: ', compressed (zlib)',
      template: ', by a template',
      acknowledged: 'Acknowledged',
      acknowledgements: { off: 'no: written is delivered', explicit: 'by the client: nothing is lost' },
      replay: 'Missed events',
      replays: {
        kept: 'are sent on the next connection',
        lost: 'are not sent again',
        polling: 'are fetched by the client',
      },
      lastConnect: 'Last connection',
      lastSent: 'Last sent',
      sent: 'Sent in all',
      sentOf: (events: number, blocks: number, size: string) =>
        `${many(events, 'event', 'events')} in ${many(blocks, 'block', 'blocks')} (${size})`,
      created: 'Created',
    },

    rate: {
      title: 'Events sent',
      label: (count: string) => `Chart of events sent in the last 15 minutes: ${count}`,
      total: (count: number) => `${many(count, 'event', 'events')} in the last 15 minutes`,
      events: 'Events',
      now: 'Now',
      waiting: 'Waiting',
      lastSent: 'Last sent',
      polling: 'The client fetches what it wants: nothing is sent to it, and nothing waits.',
    },

    test: {
      action: 'Send a test',
      sending: 'Test event recorded',
      waiting: (wait: string) => `It waits for its batch: at most ${wait}.`,
      nobody: 'Nobody is connected. It is sent when a client connects.',
      lost: 'Nobody is connected, so nobody gets it. Start a client first.',
      polling: 'It is in the history now, for the client to fetch.',
      arrived: 'The test arrived',
      arrivedText: (block: number, wait: string) => `It was delivered in block ${block}, after ${wait}.`,
      failed: 'The test did not get through',
      seeBlock: 'See the block',
      notSent: 'The test could not be sent',
    },

    replay: {
      action: 'Replay',
      title: 'Send events again',
      text: 'What happened since then is sent again in order, and then what is new. Events that wait now are among them.',
      from: 'From',
      presets: { '600': '10 minutes ago', '3600': '1 hour ago', '86400': '1 day ago' },
      confirm: 'Send again',
      bad: 'Choose a time that is past',
      done: 'It goes back',
      doneText: (lag: string, from: string) => `${lag} from ${from} on.`,
      nothing: 'Nothing that matches happened since then.',
    },

    events: {
      about: 'The latest events that its topics match, as they happen: sent or not.',
    },

    preview: {
      title: 'What would come',
      text: 'The latest events that match, as they happen.',
      waiting: 'Choose what to watch. The events that match appear here.',
      bad: 'The topic cannot be understood yet.',
      badNow: 'The topic cannot be understood yet. These match what it was before.',
      failed: 'The events could not be looked for',
      none: 'Nothing matches yet',
      noneText: (lookedAt: number) =>
        `None of the last ${many(lookedAt, 'event', 'events')} does. The next one that matches appears here by itself.`,
      shown: (count: number) => `${many(count, 'event', 'events')}, newest first`,
      open: 'Show the event',
      one: 'Event',
      payload: 'the payload',
      asSent: 'As it is sent alone',
      forTemplate: 'The standard document, of which the template makes its own',
      topic: 'Topic',
      operation: 'Operation',
      at: 'When',
      group: 'Group',
      eventId: 'Event of the log',
    },

    blocks: {
      title: 'Blocks',
      none: 'Nothing was sent yet',
      noneText: 'Each frame or request that is sent stands here, with what was in it and what became of it.',
      nonePolling: 'The client fetches events itself, so that there are no blocks.',
      about: 'Of quick monitors without acknowledgement not each block is kept.',
      states: { sent: 'sent', delivered: 'delivered', failed: 'failed' },
      stateTips: {
        sent: 'It is out, and not acknowledged yet',
        delivered: 'It reached its reader',
        failed: 'It did not get through; it is sent again',
      },
      open: 'Open',
      number: (seq: number) => `Block ${seq}`,
      events: (count: number) => many(count, 'event', 'events'),
      attempts: (count: number) => many(count, 'attempt', 'attempts'),
      loadingOlder: 'Loading older blocks…',
      gone: 'This block is not kept any more.',
      payloadGone: 'Its events are not in the log any more, so that it cannot be shown.',
      payload: 'the payload',
      facts: {
        state: 'State',
        blockId: 'Block id',
        events: 'Events',
        size: 'Size',
        sent: 'Sent',
        delivered: 'Delivered',
        attempts: 'Attempts',
        error: 'What went wrong',
        after: (time: string) => `after ${time}`,
      },
      view: 'How the payload is shown',
      pretty: 'Formatted',
      raw: 'As it was sent',
    },

    use: {
      tokenName: (id: number) => `Monitor ${id}`,
      tokenText: 'It stands for your password, for all that you may do.',
      receive: 'Receive events',
      secret: 'Signing secret',
      secretAbout: 'Signs each request, so that your server knows who sent it. Keep it to yourself.',
      showSecret: 'Show the secret',
      hideSecret: 'Hide the secret',
      renew: 'Renew the secret',
      renewTitle: 'Renew the signing secret?',
      renewText:
        'From the next request on, what is sent is signed with the new one. Your server refuses it until it knows the new secret.',
      renewed: 'The secret is renewed',
      secretPlace: 'Show the secret above, and it stands in these examples, too.',
      ways: {
        pushClient: {
          title: 'push-client',
          about:
            'Prints events as they come, and connects again by itself. One file, from this service; it needs Node.js 20.',
        },
        pythonDeviceCloud: {
          title: 'python-devicecloud',
          about:
            'The library that Digi published, unchanged. It needs Python 3.11 or older, and prints events while it runs.',
        },
        idigi: {
          title: 'idigi-python-monitor-api',
          about:
            'The older client, for Python 2. It deletes the first monitor of the same topics, which may be this one, and makes its own. It knows ports 80 and 3200 only. Put your password for $PASSWORD: a token is too long for it.',
        },
        sockets: {
          title: 'Any language',
          about:
            'Frames over a plain connection, here in Python. The first one signs in; then blocks of events come in frames of type 3, and each is acknowledged.',
        },
        history: {
          title: 'curl, what happened lately',
          about: 'The events that match, oldest first; the cursor says where to go on. Needs jq.',
        },
        historySince: {
          title: 'curl, of a time',
          about: 'Events between two times, as many as asked for.',
        },
        node: {
          title: 'Node.js',
          about:
            'A server that checks the signature of each request. Answer 2xx, and the block is delivered. Save it as receiver.mjs.',
        },
        python: {
          title: 'Python',
          about: 'The same with nothing but what comes with Python. Save it as receiver.py.',
        },
        curlHttp: {
          title: 'Try it',
          about: 'Sends a test event to your server, and shows what became of it.',
        },
      },
    },

    settings: {
      title: 'Settings',
      endsSession: 'Saving ends the session: the client connects again. Blocks that are out are sent anew.',
      startsAgain: 'Saving starts it again, with what happens from then on. Replay sends what it missed.',
      danger: 'Danger zone',
      dangerText: 'What is deleted cannot be brought back.',
      delete: 'Delete monitor',
      deleteTitle: (name: string) => `Delete ${name}?`,
      deleteText: 'Its session ends at once, and its client is refused from then on. This cannot be undone.',
      deleteLag: (lag: string) => `${lag} for it, and will not be sent.`,
      deleted: (name: string) => `${name} is deleted`,
    },

    form: monitorForms,
  },
};
