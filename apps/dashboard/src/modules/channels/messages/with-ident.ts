/** An expression for one ident, and for what was asked before: `*`, `?`, quotes and backslashes stand for themselves. */
export function withIdent(filter: string | undefined, ident: string): string {
  const only = `ident == "${ident.replace(/[\\"*?]/g, '\\$&')}"`;
  const before = filter?.trim();
  if (!before || ONLY_IDENT.test(before)) return only;
  const rest = AND_IDENT.exec(before)?.[1];
  return rest === undefined ? `(${before}) && ${only}` : `(${rest}) && ${only}`;
}

const IDENT = String.raw`ident == "(?:[^"\\]|\\.)*"`;
const ONLY_IDENT = new RegExp(`^${IDENT}$`);
/** What this made itself before, so that another ident takes the place of the first. */
const AND_IDENT = new RegExp(String.raw`^\((.*)\) && ${IDENT}$`);
