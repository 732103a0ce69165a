import type { MonitorPage, MonitorRequest } from '@polyrelay/contract';
import type { Call } from './set-up.js';

const MONITORS: MonitorRequest[] = [
  {
    description: 'Demo: what the greenhouse sends. It waits until you receive it, as “Use it” says',
    topic: 'FileData[C],DeviceCore',
    ackOption: 'explicit',
    batchSize: 10,
    batchDuration: 1,
  },
  {
    description: 'Demo: thermostats, and what comes and goes. To be asked for, as “Use it” says',
    topic: 'DataPoint,AlarmStatus,DeviceCore',
    transportType: 'polling',
  },
];

/** Sees to it that there are two monitors of what the demo makes: one to be received over TCP, one to be polled. */
export async function setUpMonitors(call: Call): Promise<void> {
  const { items } = (await (await call('GET', '/api/monitors?search=Demo:')).json()) as MonitorPage;
  const known = new Set(items.map(({ topic }) => topic));
  for (const monitor of MONITORS) if (!known.has(monitor.topic)) await call('POST', '/api/monitors', monitor);
}
