import type { Channel, ChannelPage } from '@polyrelay/contract';
import type { Call } from './set-up.js';

const NAME = 'greenhouse';
const RULES = [
  { name: 'Climate of the greenhouse', source: { kind: 'things', things: 'all' } },
  {
    name: 'Climate of the thermostats',
    source: { kind: 'nodeServers', nodeServers: 'all', drivers: ['CLITEMP', 'CLIHUM'] },
    keep: ['node.name', 'driver.CLITEMP', 'driver.CLIHUM'],
    rename: { 'driver.CLITEMP': 'temperature', 'driver.CLIHUM': 'humidity' },
  },
];

/**
 * Sees to it that there is a channel “greenhouse”, fed by what things collect and by the thermostats.
 * @returns its id
 */
export async function setUpChannel(call: Call): Promise<number> {
  const found = (await (await call('GET', `/api/channels?search=${NAME}`)).json()) as ChannelPage;
  const known = found.items.find(({ name }) => name === NAME);
  if (known !== undefined) return known.id;
  const { id } = (await (await call('POST', '/api/channels', { name: NAME })).json()) as Channel;
  for (const rule of RULES) await call('POST', `/api/channels/${id}/rules`, rule);
  return id;
}
