/** What a systemd unit of a thing needs to know; paths are absolute. */
export interface UnitOptions {
  name: string;
  node: string;
  script: string;
  /** After the script: `run` and its options. */
  args: string[];
  folder: string;
  /** Whom it runs as; undefined in a unit of a user’s own. */
  user: string | undefined;
}

/** One argument of `ExecStart` (systemd.syntax(7), systemd.service(5)). */
const quoted = (text: string): string =>
  `"${text.replace(/[\\"]/g, '\\$&').replace(/%/g, '%%').replace(/\$/g, '$$$$')}"`;

/** The text of the unit. */
export const unitText = ({ name, node, script, args, folder, user }: UnitOptions): string => `[Unit]
Description=Thing ${name.replace(/%/g, '%%')}
Wants=network-online.target
After=network-online.target
StartLimitIntervalSec=0

[Service]
ExecStart=${[node, script, ...args].map(quoted).join(' ')}
WorkingDirectory=${folder.replace(/%/g, '%%')}
${user === undefined ? '' : `User=${user}\n`}Restart=always
RestartSec=5
# A handler that runs may finish.
TimeoutStopSec=20
KillMode=mixed

[Install]
WantedBy=${user === undefined ? 'default.target' : 'multi-user.target'}
`;

/** Its file’s name. */
export const unitName = (name: string): string => `thing-${name.replace(/[^A-Za-z0-9_.-]/g, '-')}.service`;
