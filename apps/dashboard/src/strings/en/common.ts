import { many } from './many';

/** The frame, and what every page says. */
export const common = {
  product: 'Polyrelay',

  ui: {
    save: 'Save',
    cancel: 'Cancel',
    close: 'Close',
    dismiss: 'Dismiss',
    edit: 'Edit',
    remove: 'Remove',
    discard: 'Discard changes',
    retry: 'Try again',
    loading: 'Loading…',
    older: 'Show older',
    stepDone: '(done)',
    copyWord: 'Copy',
    copy: (what: string) => `Copy ${what}`,
    copied: 'Copied',
    copyFailed: 'The browser did not allow copying. Select the text and copy it yourself.',
    showPassword: 'Show password',
    hidePassword: 'Hide password',
    clearSearch: 'Clear search',
    clearFilters: 'Clear filters',
    nothingFound: 'Nothing matches',
    shownOf: (shown: number, all: number) => `${shown.toLocaleString('en')} of ${all.toLocaleString('en')}`,
    typeToConfirm: (name: string) => `Type “${name}” to confirm`,
    typedDiffers: (name: string) => `Type exactly “${name}”`,
  },

  json: {
    unfoldAll: 'Unfold all',
    foldAll: 'Fold all',
    fold: (name: string) => `Fold ${name}`,
    unfold: (name: string) => `Unfold ${name}`,
    theWhole: 'the payload',
    members: (count: number) => many(count, 'entry', 'entries'),
  },

  gauge: {
    noLimit: 'no limit',
    ofLimit: (limit: string) => `of ${limit}`,
    unlimited: (used: string) => `${used}, no limit`,
    of: (used: string, limit: string) => `${used} of ${limit}`,
    near: 'Nearly used up',
    full: 'Used up',
  },

  time: {
    justNow: 'just now',
    never: 'never',
    since: (exact: string) => `since ${exact}`,
  },

  errors: {
    title: 'That did not work',
    unreachable:
      'The service does not answer. Check that it is running and that you are connected, then try again.',
    status: (status: number) =>
      `The service answered with an error (${status}). Try again; if it stays, look at its log.`,
  },

  notFound: {
    title: 'There is no such page',
    text: 'The address may be mistyped, or what was here is gone.',
    home: 'Go to the overview',
  },

  shell: {
    navigation: 'Main',
    more: 'More',
    skip: 'Skip to content',
    toasts: 'Notifications',
    userMenu: 'Account menu of',
    signOut: 'Sign out',
    signedOut: 'You are signed out',
  },

  theme: {
    label: 'Theme',
    system: 'System',
    light: 'Light',
    dark: 'Dark',
    hint: 'Kept on this device. “System” follows what your device is set to.',
  },

  live: {
    open: 'Live',
    connecting: 'Connecting…',
    lost: 'Connection lost. Trying again…',
    lostShort: 'Reconnecting…',
    retry: 'Try now',
  },

  palette: {
    title: 'Go to or do',
    open: 'Search',
    placeholder: 'Go to a page, a node server, a thing, a channel, a monitor, or do something…',
    nothing: 'Nothing matches. Try fewer letters.',
    pages: 'Pages',
    actions: 'Actions',
    theme: (name: string) => `Theme: ${name}`,
  },

  help: {
    title: 'Keyboard shortcuts',
    palette: 'Search everything',
    goTo: (page: string) => `Go to ${page}`,
    search: 'Search on this page',
    move: 'Next and previous in a list',
    add: 'Add a node server',
    theme: 'Light or dark',
    escape: 'Close, or leave the search',
    singleKeys: 'Single-key shortcuts',
    singleKeysHint: 'Turn off if you dictate, or if they get in your way.',
  },
};
