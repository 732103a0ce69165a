/** A UUID as devices are named on the wire: `XXXXXXXX-XXXXXXXX-XXXXXXXX-XXXXXXXX`. */
export const connectwareIdOf = (id: string): string =>
  id
    .replaceAll('-', '')
    .toUpperCase()
    .replace(/^(.{8})(.{8})(.{8})(.{8})$/, '$1-$2-$3-$4');

const CONNECTWARE = /^[\da-f]{8}(?:-[\da-f]{8}){3}$/i;

/** The UUID that was named so; undefined: it is none. */
export const idOfConnectware = (text: string): string | undefined =>
  CONNECTWARE.test(text)
    ? text
        .replaceAll('-', '')
        .toLowerCase()
        .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
    : undefined;
