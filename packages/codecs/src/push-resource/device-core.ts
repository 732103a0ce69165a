import { connectwareIdOf } from './connectware-id.js';

/** A node server or a thing, as inventories and events show it. */
export interface Device {
  id: string;
  kind: 'nodeServer' | 'thing';
  name: string;
  /** What it is, in its maker’s words; empty: nobody said. */
  type: string;
  /** Of its program; empty: it has none. */
  version: string;
  connected: boolean;
  lastConnected: Date | null;
  since: Date;
}

/** The one group there is: everything of a user is in it. */
export const rootGroup = (customerId: number) => ({
  grpId: 2,
  grpName: `${customerId}_Polyrelay`,
  grpPath: `/${customerId}_Polyrelay/`,
});

/**
 * A device as a `DeviceCore` of the push protocol, section 2.
 * @param device without `since`: it is gone
 * @param number that stands for it in topics
 */
export function deviceCore(
  device: Omit<Device, 'since'> & { since: Date | undefined },
  number: number,
  customerId: number,
): object {
  const { grpId, grpPath } = rootGroup(customerId);
  return {
    id: { devId: number, devVersion: 0 },
    devRecordStartDate: device.since?.toISOString(),
    devConnectwareId: connectwareIdOf(device.id),
    cstId: customerId,
    grpId,
    grpPath,
    dpConnectionStatus: device.connected ? 1 : 0,
    dpLastConnectTime: device.lastConnected?.toISOString(),
    dpDescription: device.name,
    dpDeviceType: device.type === '' ? device.kind : device.type,
    dpFirmwareLevelDesc: device.version === '' ? undefined : device.version,
  };
}
