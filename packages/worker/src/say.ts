const PREFIX = process.stderr.isTTY ? '\x1b[36m[polyrelay]\x1b[0m' : '[polyrelay]';

/** A line of the command's own, told apart from what the node server prints. */
export function say(text: string): void {
  process.stderr.write(`${text.replace(/^/gm, `${PREFIX} `)}\n`);
}
