import { existsSync, readdirSync } from 'node:fs';

const POSTGRES = '/usr/lib/postgresql';

/** Folder of Debian's newest PostgreSQL programs. */
export function postgresPrograms(): string | undefined {
  if (!existsSync(POSTGRES)) return undefined;
  const versions = readdirSync(POSTGRES).sort((a, b) => Number(b) - Number(a));
  return versions
    .map((version) => `${POSTGRES}/${version}/bin`)
    .find((folder) => existsSync(`${folder}/postgres`));
}

export const MOSQUITTO = '/usr/sbin/mosquitto';

/** Whether Debian's PostgreSQL and Mosquitto are installed. */
export const hasOutsideParts = (): boolean => postgresPrograms() !== undefined && existsSync(MOSQUITTO);
