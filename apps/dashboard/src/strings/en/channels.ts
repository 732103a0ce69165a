import { channelRules } from './channel-rules';
import { many } from './many';

/** Channels: the list, the page of one, its messages, and how to use it. */
export const channels = {
  channels: {
    title: 'Channels',
    number: (id: number) => `Channel ${id}`,
    allCount: (count: number) => (count === 1 ? 'See it' : `All ${count.toLocaleString('en')}`),
    perMinute: (count: number) => `${count.toLocaleString('en')} a minute`,
    holds: (shown: string, count: number) => `${shown} ${count === 1 ? 'message' : 'messages'}`,
    parts: 'Parts of this channel',
    tabs: { overview: 'Overview', messages: 'Messages', rules: 'Rules', use: 'Use it', settings: 'Settings' },
    goneTitle: 'There is no such channel',
    goneText: 'It was deleted, or the address is mistyped.',

    search: 'Search channels',
    sort: 'Sort by',
    sorts: { name: 'Name', id: 'ID', lastMessageAt: 'Newest message', messages: 'Most messages' },
    columns: {
      name: 'Name',
      id: 'ID',
      rate: 'Last minute',
      /** On a phone, after the number. */
      rateWord: 'in the last minute',
      messages: 'Messages',
      size: 'Size',
      lastMessage: 'Last message',
      state: 'State',
    },
    noMessageYet: 'none yet',
    lastMessage: 'last message',
    enabledWord: 'enabled',
    disabledWord: 'disabled',
    enabledTip: 'It takes messages',
    disabledTip: 'It takes no messages; what it holds can be read',

    emptyTitle: 'No channels yet',
    emptyText:
      'A channel is a stream of messages, kept in order. Devices and programs add to it; any number of others read it, each from where it left off.',
    emptySteps: [
      'Create a channel: it gets a number and an address.',
      'Add messages by HTTP, by MQTT, or from things and node servers.',
      'Read it with curl, with a receiver, or by MQTT. Nothing is lost in between.',
    ],

    create: 'Create a channel',
    createText: 'It keeps messages in the order they come, until they are read or too old.',
    created: (name: string) => `${name} is created`,
    name: 'Name',
    nameExample: 'Garden sensors',
    ttl: 'Keep messages for',
    ttlHint: 'Older ones are deleted, read or not.',
    ttlPresets: {
      '3600': '1 hour',
      '86400': '1 day',
      '604800': '7 days',
      '2592000': '30 days',
      own: 'Other…',
    },
    seconds: 'Seconds',
    wholeSeconds: 'Write whole seconds, such as 7200',
    ttlZero: 'Not kept: only for who is waiting, and for MQTT',
    topic: 'MQTT topic that feeds it',
    topicHint: 'What is published there is added: one message, or a list of them.',
    topicExample: 'garden/sensors',

    enable: 'Enable',
    disabledTitle: 'This channel is disabled',
    disabledText: 'New messages are refused. What it holds can be read.',
    saved: 'Saved',
    notSaved: 'This could not be saved',

    firstSteps: 'First steps',
    steps: {
      add: 'Add a message',
      addText: 'Write one here, or let a device send it: the commands stand under “Use it”.',
      read: 'Read it',
      readText: 'Copy a command that reads every message from the first on, and waits for the next.',
      toUse: 'See the commands',
    },

    rules: channelRules,

    facts: {
      title: 'Facts',
      id: 'ID',
      address: 'Address of its messages',
      noTopic: 'none',
      messages: 'Messages',
      held: (count: string, size: string) => `${count} (${size})`,
      keys: 'Keys',
      keyRange: (first: string, next: string) => `from ${first}; the next is ${next}`,
      kept: 'Messages are kept',
      notKept: 'not at all',
      created: 'Created',
    },

    rate: {
      plain: 'Messages over time',
      title: (span: string) => `Messages every ${span}`,
      range: 'Time range',
      ranges: { '1h': 'Last hour', '24h': 'Last day', '7d': 'Last week', '30d': 'Last 30 days' },
      label: (count: string, range: string) => `Chart of messages, ${range.toLowerCase()}: ${count}`,
      total: (count: number, range: string) =>
        `${many(count, 'message', 'messages')} in the ${range.toLowerCase()}`,
    },

    readers: {
      title: 'Readers',
      none: 'Nobody has read it yet. A reader appears here with its first call.',
      how: 'How to read it',
      waiting: 'waiting',
      waitingTip: 'It has read everything and waits for the next message',
      deletes: 'deletes',
      deletesTip: 'It deletes what it has read',
      noAgent: 'no program name given',
      lag: 'Behind',
      rate: 'Rate',
      perSecond: (rate: number) => `${rate.toLocaleString('en', { maximumFractionDigits: 1 })}/s`,
      lastRead: 'Last read',
      forget: (name: string) => `Forget ${name}`,
      forgotten: (name: string) => `${name} is forgotten until it reads again`,
      notForgotten: 'The reader could not be forgotten',
      inTheWay: 'One reader deletes what others may need',
      inTheWayText:
        'A reader that deletes takes messages away for all. Let only one program read this channel, or turn deleting off in it.',
    },

    filter: {
      label: 'Filter',
      placeholder: 'battery.level < 20 && ident == "tracker*"',
      clear: 'Clear the filter',
      examples: 'Examples',
      exampleList: [
        { text: 'ident == "tracker*"', about: 'idents that begin with tracker' },
        { text: 'battery.level < 20', about: 'a field below a number' },
        { text: 'position.speed > 50 && position.valid', about: 'both at once' },
        { text: 'exists("alarm")', about: 'messages that have a field' },
      ],
      grammar:
        'Fields by their name, numbers, "texts" with * and ? for any, true and false; == != < <= > >= ~ && || ! + - * / and brackets. A message without a field that is asked for does not match.',
    },

    tail: {
      pause: 'Pause',
      follow: 'Follow',
      paused: 'paused',
      shown: (count: number, hasMore: boolean) =>
        hasMore && count > 0
          ? `The newest ${many(count, 'message', 'messages')}`
          : many(count, 'message', 'messages'),
      showNew: (count: number) => `${count.toLocaleString('en')} new`,
      lookThrough: (count: number) => `Look through ${count.toLocaleString('en')} new`,
      passedOver: (count: number) =>
        `${many(count, 'message', 'messages')} came faster than they can be shown, and ${count === 1 ? 'was' : 'were'} passed over`,
      passedShort: (count: number) => `${count.toLocaleString('en')} passed over`,
      loadingOlder: 'Loading older messages…',
      open: (key: number, ident: string) => `Open message ${key} of ${ident}`,
      onlyIdent: 'Show only this ident',
      onlyOf: (ident: string) => `Show only messages of ${ident}`,
      none: 'No messages',
      noneText: 'The next one appears here by itself.',
      noneMatch: 'No message matches',
      noneMatchText: 'The next one that does appears here by itself.',
      sparse: 'Nothing more found so far, and there are older messages.',
      searchOn: 'Search further back',
    },

    one: {
      title: (key: number) => `Message ${key}`,
      what: 'the message',
      ident: 'Ident',
      key: 'Key',
      timestamp: 'Its timestamp',
      added: 'Added',
      size: 'Size',
      view: 'How the message is shown',
      views: { fields: 'Fields', pretty: 'Formatted', raw: 'As it came' },
      field: 'Field',
      type: 'Type',
      value: 'Value',
      types: {
        text: 'text',
        number: 'number',
        boolean: 'yes or no',
        null: 'nothing',
        object: 'object',
        list: 'list',
      },
      moreFields: (count: number) => `${many(count, 'more field', 'more fields')}: see it as it came.`,
      gone: 'This message is gone: it was deleted, or was older than messages are kept.',
    },

    add: {
      title: 'Add a message',
      text: 'It is stored as you write it, and given to every reader.',
      json: 'JSON',
      hint: 'One object, or a list. Each needs “ident”, who it is from, and “timestamp”, in seconds since 1970.',
      example: 'An example of now',
      action: (count: number) => (count === 1 ? 'Add message' : `Add ${count.toLocaleString('en')} messages`),
      keys: (key: string) => `${key} adds`,
      done: (count: number) =>
        count === 1 ? 'Message added' : `${count.toLocaleString('en')} messages added`,
      empty: 'Write a message',
      notJson: (line: number, column: number) => `This is not JSON: look at line ${line}, column ${column}`,
      emptyList: 'The list is empty. Write at least one message',
      notObject: 'A message is an object, such as {"ident": "tracker-1", "timestamp": 1790000000}',
      ofMessage: (index: number, problem: string) => `Message ${index} of the list: ${problem}`,
      noIdent: 'It needs an “ident”, a text that says who it is from',
      badIdent: 'The “ident” must not have # + / or control characters: it becomes part of an MQTT topic',
      longIdent: (most: number) => `The “ident” may have at most ${most} characters`,
      noTimestamp: 'It needs a “timestamp”, a number of seconds since 1970',
      tooDeep: (most: number) => `Nested more than ${most} deep. Use fewer levels`,
      tooLarge: (size: string, most: string) => `It has ${size}; at most ${most} fit`,
    },

    use: {
      read: 'Read it',
      write: 'Add to it',
      tokenName: (name: string) => `Channel ${name}`,
      mayAdd: 'It may also add messages',
      tokenText: (mayAdd: boolean) =>
        `The one made here may read this channel${mayAdd ? ' and add to it' : ''}, nothing else.`,
      noTopic: 'Give the channel an MQTT topic in its settings: what is published there is added.',
      toSettings: 'Go to its settings',
      ways: {
        receiver: {
          title: 'Receiver',
          about:
            'Reads from where it left off, hands each batch to its handlers, and tries again what failed. One file, from this service; it needs Node.js 20.',
        },
        curlRead: {
          title: 'curl, from the first message on',
          about:
            'Each call waits up to 30 seconds for the next messages; the key says where to go on. Needs jq.',
        },
        mqttRead: {
          title: 'MQTT, what comes from now on',
          about: 'Each message as it comes, on a topic that ends with its ident. Needs mosquitto-clients.',
        },
        published: {
          title: 'flespi_receiver',
          about: 'The Python receiver that flespi published: only its address is changed.',
        },
        curlPost: { title: 'curl', about: 'One message, or a list of them.' },
        mqttPost: {
          title: 'MQTT',
          about: 'What is published on its topic is added: one message, or a list of them.',
        },
      },
    },

    settings: {
      general: 'General',
      taking: 'Taking messages',
      enabled: 'Enabled',
      enabledHint: 'Off, new messages are refused. What it holds can be read.',
      danger: 'Danger zone',
      dangerText: 'What is deleted is gone for every reader.',
      clear: 'Delete messages',
      clearTitle: (count: number) => `Delete ${many(count, 'message', 'messages')}?`,
      clearText: (size: string) =>
        `Everything up to now (${size}) is gone for every reader, read or not. What comes from now on stays, and keys go on. This cannot be undone.`,
      cleared: 'The messages are deleted',
      delete: 'Delete channel',
      deleteTitle: (name: string) => `Delete ${name}?`,
      deleteText: 'Readers and senders are refused at once. This cannot be undone.',
      deleteMessages: (count: number, size: string) =>
        count === 0
          ? 'It has no messages.'
          : `${many(count, 'message goes', 'messages go')} with it (${size}).`,
      deleted: (name: string) => `${name} is deleted`,
    },
  },
};
