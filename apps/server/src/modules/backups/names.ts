/** What a backup's file name tells. Times sort like names. */
export interface BackupName {
  name: string;
  createdAt: Date;
  /** Of the service that made it. */
  version: string;
  encrypted: boolean;
}

// No colons: they are not allowed everywhere, and mean a host to scp and tar.
const PATTERN = /^polyrelay-(\d{4}-\d\d-\d\dT\d\d)-(\d\d)-(\d\d-\d{3})Z-v([\w.+-]{1,40})\.zip(\.enc)?$/;

/** The name of a backup that is made now. */
export function nameOf(createdAt: Date, version: string, encrypted: boolean): string {
  return `polyrelay-${createdAt.toISOString().replaceAll(/[:.]/g, '-')}-v${version}.zip${encrypted ? '.enc' : ''}`;
}

/** Reads a file name; undefined when it is not one of ours. */
export function parseName(name: string): BackupName | undefined {
  const [, hour, minute, rest, version, suffix] = PATTERN.exec(name) ?? [];
  if (hour === undefined || version === undefined) return undefined;
  const createdAt = new Date(`${hour}:${minute}:${rest?.replace('-', '.')}Z`);
  if (Number.isNaN(createdAt.getTime())) return undefined;
  return { name, createdAt, version, encrypted: suffix !== undefined };
}
