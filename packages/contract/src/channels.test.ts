import { expect, test } from 'vitest';
import { channelFilter, channelOfEvent, fedChannel } from './channels.js';

test('filters and topics name a channel by an id that there can be', () => {
  expect(channelFilter('flespi/message/gw/channels/12/+')).toEqual({ kind: 'message', id: 12 });
  expect(channelFilter('flespi/state/gw/channels/+/name')).toEqual({ kind: 'state', id: 'all' });
  expect(channelFilter('flespi/message/gw/channels/#')).toEqual({ kind: 'message', id: 'all' });
  expect(channelFilter('flespi/message/gw/channels/2147483647/#')).toMatchObject({ id: 2_147_483_647 });
  expect(channelFilter('flespi/message/gw/channels/2147483648/#')).toBeUndefined();
  expect(channelFilter('flespi/message/gw/channels/012/#')).toBeUndefined();
  expect(fedChannel('polyrelay/channels/2147483647')).toBe(2_147_483_647);
  expect(fedChannel('polyrelay/channels/2147483648')).toBeUndefined();
  expect(channelOfEvent({ topic: 'channels/12/messages' })).toBe(12);
});
