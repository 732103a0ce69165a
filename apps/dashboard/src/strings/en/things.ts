import { many } from './many';

/** Things: the list, the page of one, its software and its settings. */
export const things = {
  things: {
    title: 'Things',
    allCount: (count: number) => (count === 1 ? 'See it' : `All ${count.toLocaleString('en')}`),
    connectedCount: (connected: number, all: number) =>
      `${connected.toLocaleString('en')} of ${many(all, 'thing', 'things')} connected`,
    parts: 'Parts of this thing',
    tabs: { messages: 'Messages', send: 'Send message', sdk: 'Thing SDK', settings: 'Settings' },
    goneTitle: 'There is no such thing',
    goneText: 'It was deleted, or the address is mistyped.',

    all: 'All',
    search: 'Search things',
    filter: 'Status',
    filters: { connected: 'Connected', created: 'Created', verified: 'Verified', disabled: 'Disabled' },
    sort: 'Sort by',
    sorts: {
      name: 'Name',
      createdAt: 'Newest',
      lastSeenAt: 'Last seen',
      collected: 'Most collected',
      published: 'Most published',
    },
    columns: {
      name: 'Name',
      type: 'Type',
      status: 'Status',
      lastSeen: 'Last seen',
      collected: 'Collected',
      published: 'Published',
      created: 'Created',
    },
    statuses: { connected: 'connected', created: 'created', verified: 'verified', disabled: 'disabled' },
    statusTexts: {
      created: 'It has its keys; its bootstrap was not seen yet',
      verified: 'Its bootstrap was seen: it sent a message and published one',
      disabled: 'Its certificate and its tokens are refused',
    },
    inState: (count: number, state: string) => `${count.toLocaleString('en')} ${state}`,

    emptyTitle: 'No things yet',
    emptyText:
      'A thing is any computer of yours, such as a Raspberry Pi, that you send messages to and collect messages from.',
    emptySteps: [
      'Create it here: it gets a name, keys and a certificate.',
      'Download its software, or fetch it on the thing with one line.',
      'Run the bootstrap on the thing. It appears here as verified.',
    ],

    create: 'Create a thing',
    createText: 'It gets its own keys and certificate, and may use its own topics alone.',
    created: (name: string) => `${name} is created`,
    name: 'Name',
    nameHint: 'Your short id is put in front, so that names of different users never meet.',
    nameExample: 'greenhouse',
    willBe: 'It will be called',
    nameStays: 'Its name stays as it is: certificate and topics carry it.',
    type: 'Type',
    typeHint: 'What kind of computer it is, in your words.',
    types: [
      'Raspberry Pi 5',
      'Raspberry Pi 4',
      'Raspberry Pi Zero 2 W',
      'Raspberry Pi',
      'BeagleBone',
      'Jetson Nano',
      'Linux computer',
      'Mac',
      'Windows computer',
    ],
    keepPrivateKey: 'Keep its private key here',
    keepPrivateKeyHint:
      'It stays, encrypted, for more downloads. Else it is deleted after the first one: that is safer, and new keys can be made at any time.',
    making: 'Making keys and certificate…',
    toPolicies: 'See policies',

    createdAt: 'created',
    lastSeen: 'last seen',
    getSoftware: 'Get its software',
    enable: 'Enable',
    disabledTitle: 'This thing is disabled',
    disabledText: 'Its certificate and its tokens are refused until it is enabled.',
    facts: 'ID, topics and certificate',
    id: 'ID',
    mqttId: 'MQTT client ID',
    topics: { ingress: 'Ingress topic', egress: 'Egress topic', pubsub: 'Own topic' },
    certificate: 'Certificate',
    certificateId: 'Certificate ID',
    publicKey: 'Public key',
    keysMadeAt: 'Keys made',
    messagesEver: 'Messages',
    ever: (collected: string, published: string) => `${collected} collected, ${published} published`,

    firstSteps: 'First steps',
    verifiedTitle: (name: string) => `${name} is verified`,
    steps: {
      download: 'Download its software',
      downloadText: 'One zip with its keys, its settings and the SDK.',
      run: 'Run the bootstrap',
      runText: 'On the thing, where the zip is:',
      commands: 'bootstrap commands',
      seen: 'It is seen here',
      seenText: 'Both arrive by themselves:',
      collected: 'A message was collected',
      published: 'It published on MQTT',
      notYet: 'not yet',
    },
    neverVerified: 'It was created, but never seen to run. Download its software and run the bootstrap.',

    unreachable: 'Another computer may not reach this service',
    inBrowser: 'Download here',
    inBrowserText:
      'One zip: keys, certificate, settings, the SDK and a README with every command. Copy it to the thing.',
    sdkVersion: (version: string) => `SDK ${version}`,
    keyOnce:
      'It holds the private key, which is given once: it is deleted here after this download. Keep the file like a password.',
    keyKept:
      'It holds the private key, which is kept here for more downloads. Keep the file like a password.',
    keyGone:
      'The private key was downloaded and is no longer here. Download the rest without it, or make new keys: then the ones in use stop working.',
    download: (size: string) => `Download (${size})`,
    downloadWithoutKey: 'Without private key',
    downloaded: (filename: string) => `${filename} is downloaded`,
    downloading: 'Download',
    downloadPart: (done: string, all: string) => `${done} of ${all}`,
    files: (count: number) => `${many(count, 'file', 'files')} inside`,
    filesOf: (folder: string, count: number) => `${folder}/ (${many(count, 'file', 'files')})`,

    onThing: 'Download on the thing',
    onThingText: 'Sign in to the thing, such as by SSH, and run this line there.',
    curl: 'curl line',
    tokenName: (name: string) => `Download of ${name}`,

    runIt: 'Run it',
    commands: 'commands',
    sdks: { node: 'Node.js', python: 'Python', published: 'Published SDK' },
    sdkTexts: {
      node: 'Node.js 18 or newer is all it needs.',
      python: 'Python 3.9 or newer, and paho-mqtt to receive.',
      published: 'The Python SDK that FlashLex published, as it is.',
    },

    general: 'General',
    access: 'Access',
    enabled: 'Enabled',
    enabledHint: 'Off, its connection ends, and its certificate and tokens are refused. Its messages stay.',
    keys: 'Keys',
    keysMade: 'Made',
    keyStates: {
      available: 'The private key is still here, and is downloaded with the SDK.',
      gone: 'The private key is not here any more.',
    },
    rotate: 'Make new keys',
    rotateHint: 'New keys help when the private key was lost, or somebody else may have it.',
    rotateTitle: (name: string) => `Make new keys for ${name}?`,
    rotateText:
      'The certificate and the tokens it has now stop working at once, and its connection ends. It comes back when the new download is on the thing. This cannot be undone.',
    rotated: (name: string) => `${name} has new keys`,
    saved: 'Saved',
    notSaved: 'This could not be saved',
    danger: 'Danger zone',
    dangerText: 'Deleting removes its certificate, its rights and all of its messages.',
    delete: 'Delete thing',
    deleteTitle: (name: string) => `Delete ${name}?`,
    deleteText: 'Its certificate and its tokens stop working at once. This cannot be undone.',
    deleteMessages: (count: number, size: string) =>
      count === 0
        ? 'It has no messages.'
        : `${many(count, 'message goes', 'messages go')} with it (${size}).`,
    deleteMessagesUnknown: 'All of its messages go with it.',
    deleted: (name: string) => `${name} is deleted`,

    sinceDay: (date: string) => `since ${date}`,
    limits: { things: 'Things', collected: 'Collected messages', published: 'Published messages' },
    limitThings: (used: number, limit: number) =>
      `${used.toLocaleString('en')} of ${limit.toLocaleString('en')} are in use. At the limit no more can be created.`,
    limitMessages: (used: number, limit: number, until: string) =>
      `${used.toLocaleString('en')} of ${limit.toLocaleString('en')} are used this month. At the limit more are refused until ${until}.`,
  },
};
