/** The id of a node server or thing as `XXXXXXXX-XXXXXXXX-XXXXXXXX-XXXXXXXX`. */
export const connectwareIdOf = (id: string): string =>
  (id.replaceAll('-', '').toUpperCase().match(/.{8}/g) ?? []).join('-');

/** The other way round; undefined: it is none. */
export function uuidOf(connectwareId: string): string | undefined {
  if (!/^[\da-f]{8}(?:-[\da-f]{8}){3}$/i.test(connectwareId)) return undefined;
  const hex = connectwareId.replaceAll('-', '').toLowerCase();
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

/** The one group there is: everything of a user is in it. */
export const rootGroup = (customerId: number) => ({
  grpId: '2',
  grpName: `${customerId}_Polyrelay`,
  grpPath: `/${customerId}_Polyrelay/`,
});
