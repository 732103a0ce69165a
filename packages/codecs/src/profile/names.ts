import { commonName } from './common-names.js';
import type { Nls } from './nls.js';
import type { ParsedNodedef, ParsedParameter } from './nodedefs.js';

/**
 * Names as the controller finds them (PGC section 9), most specific key first: of this nodedef, then of
 * every nodedef, then what the controller calls it itself, at last the id.
 */
export interface Names {
  nodedef(): string;
  icon(): string | null;
  driver(id: string): string;
  command(id: string): string;
  parameter(command: string, parameter: ParsedParameter): string;
}

/** Looks names of one nodedef up in the NLS files. */
export function namesOf({ id: nodedef, nls: prefix }: ParsedNodedef, nls: Nls): Names {
  const driver = (id: string): string | undefined =>
    nls.first(`ST-${prefix}-${id}-NAME`, `ST-${id}-NAME`, `ST-${prefix}-${id}`, `GEN-${id}-NAME`) ??
    commonName(id);
  const command = (id: string): string =>
    nls.first(`CMD-${prefix}-${id}-NAME`, `CMD-${id}-NAME`, `CMD-${prefix}-${id}`, `GEN-${id}-NAME`) ??
    (id.toUpperCase() === 'ST' ? 'Query' : commonName(id)) ??
    id;
  return {
    nodedef: () => nls.first(`NDN-${prefix}-NAME`, `ND-${nodedef}-NAME`) ?? nodedef,
    icon: () => nls.first(`NDN-${prefix}-ICON`, `ND-${nodedef}-ICON`) ?? null,
    driver: (id) => driver(id) ?? id,
    command,
    parameter: (inCommand, { id, editor, init, nls: own }) =>
      nls.first(
        ...parameterKeys({ id, editor, command: inCommand, prefixes: own ? [own, prefix] : [prefix] }),
      ) ??
      (id === '' ? undefined : commonName(id)) ??
      // The unnamed parameter: the driver it sets says what it is.
      (init === null ? undefined : driver(init)) ??
      (id || 'Value'),
  };
}

interface ParameterPlace {
  id: string;
  editor: string;
  command: string;
  prefixes: string[];
}

function parameterKeys({ id, editor, command, prefixes }: ParameterPlace): string[] {
  if (id === '')
    return [...prefixes.map((prefix) => `CMDPN-${prefix}-${command}-NAME`), `CMDP-${editor}-NAME`];
  return [
    ...prefixes.flatMap((prefix) => [`CMDPN-${prefix}-${id}-NAME`, `CMDP-${prefix}-${id}-NAME`]),
    `CMDP-${command}-${id}-NAME`,
    `CMDP-${editor}-${id}-NAME`,
    `CMDP-${id}-NAME`,
    `GEN-${id}-NAME`,
    `GEN-${id}`,
  ];
}
