import { many } from './many';

/** Things: the list, the page of one, its software and its settings. */
export const things = {
  things: {
    title: 'Things',
    count: (count: number) => many(count, 'thing', 'things'),
    parts: 'Parts of this thing',
    tabs: { messages: 'Messages', send: 'Send message', sdk: 'Thing SDK', settings: 'Settings' },
    goneTitle: 'There is no such thing',
    goneText: 'It was deleted, or the address is mistyped.',
  },
};
