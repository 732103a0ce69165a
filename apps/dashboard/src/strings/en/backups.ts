import { many } from './many';

/** Backups. */
export const backups = {
  backups: {
    title: 'Backups',
    text: 'Each is one file with everything: database, certificates, keys and uploaded programs. With it, this service comes back on another machine.',
    make: 'Back up now',
    making: 'Backing up…',
    notBegun: 'The backup could not be started',
    running: 'being made',
    step: (step: string) => (step === '' ? 'beginning' : `writing ${step}`),
    encrypted: 'encrypted',
    plain: 'not encrypted',
    version: (version: string) => `version ${version}`,
    download: 'Download',
    downloadOf: (time: string) => `Download the backup of ${time}`,
    delete: 'Delete',
    deleteOf: (time: string) => `Delete the backup of ${time}`,
    deleteTitle: (time: string) => `Delete the backup of ${time}?`,
    deleteText: 'The file is deleted from the service’s disk. This cannot be undone.',
    deleted: 'The backup is deleted',
    emptyTitle: 'No backups yet',
    emptyText: (hours: number) =>
      hours === 0
        ? 'No schedule is set. Make one now, and keep a copy on another machine.'
        : 'The first one comes a few minutes after the start. Or make one now, and keep a copy on another machine.',
    failed: 'The last backup failed',
    see: 'See backups',
    warning:
      'Backups are not encrypted: whoever has such a file can read every secret in it. Keep it safe, or set BACKUP_PASSPHRASE.',
    schedule: 'Schedule',
    next: 'Next one',
    noSchedule: 'none planned',
    every: 'Made',
    everyHours: (hours: number) =>
      hours === 0
        ? 'only when you ask for it'
        : hours === 24
          ? 'every day'
          : `every ${many(hours, 'hour', 'hours')}`,
    keep: 'Kept',
    keepNewest: (count: number) => (count === 1 ? 'the newest' : `the ${count} newest`),
    folder: 'Folder',
    settings:
      'Set by BACKUP_EVERY_HOURS, BACKUP_KEEP, BACKUP_DIR and BACKUP_PASSPHRASE. A backup on the same disk does not survive that disk: download one, or set BACKUP_DIR to another disk.',
    restore: 'Restore on a new machine',
    restoreText:
      'Copy the file there, stop this service, and start the new one with it. Users, node servers and their history are as they were; workers install their programs again and connect.',
    commandName: 'restore command',
    anyName: 'polyrelay-….zip',
    command: (name: string, isEncrypted: boolean) =>
      `${isEncrypted ? "BACKUP_PASSPHRASE='…' " : ''}npm start -- --restore ${name}`,
  },
};
