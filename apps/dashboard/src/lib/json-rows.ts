/** One line of JSON that is written out. */
export interface JsonRow {
  /** Where it stands: the positions on the way there; a closing bracket ends in `/]`. */
  path: string;
  depth: number;
  /** The key in an object; null in arrays and at the top. */
  name: string | null;
  kind: 'value' | 'open' | 'folded' | 'close';
  /** The value, or the bracket. */
  text: string;
  type: 'string' | 'number' | 'word' | 'bracket';
  /** Members of a folded object or array. */
  size: number;
  hasComma: boolean;
}

/** JSON as indented lines; what is folded is one line. */
export function jsonRows(value: unknown, isFolded: (path: string, depth: number) => boolean): JsonRow[] {
  const rows: JsonRow[] = [];
  const add = (value: unknown, path: string, depth: number, name: string | null, hasComma: boolean) => {
    const row = { path, depth, name, hasComma };
    if (typeof value !== 'object' || value === null) {
      const type = typeof value === 'string' ? 'string' : typeof value === 'number' ? 'number' : 'word';
      rows.push({ ...row, kind: 'value', text: JSON.stringify(value), type, size: 0 });
      return;
    }
    const isArray = Array.isArray(value);
    const members = Object.entries(value);
    const size = members.length;
    const [opening, closing] = isArray ? ['[', ']'] : ['{', '}'];
    if (size === 0) {
      rows.push({ ...row, kind: 'value', text: opening + closing, type: 'bracket', size });
      return;
    }
    if (isFolded(path, depth)) {
      rows.push({ ...row, kind: 'folded', text: `${opening}…${closing}`, type: 'bracket', size });
      return;
    }
    rows.push({ ...row, hasComma: false, kind: 'open', text: opening, type: 'bracket', size });
    members.forEach(([key, member], index) => {
      add(member, `${path}/${index}`, depth + 1, isArray ? null : key, index < size - 1);
    });
    rows.push({
      path: `${path}/]`,
      depth,
      name: null,
      hasComma,
      kind: 'close',
      text: closing,
      type: 'bracket',
      size,
    });
  };
  add(value, '', 0, null, false);
  return rows;
}

/** How deep a value is unfolded at first, so that a large one begins with its outline. */
export function openDepth(value: unknown, mostRows: number): number {
  let depth = 1;
  for (; depth < 64; depth++) {
    const limit = depth;
    const rows = jsonRows(value, (_, at) => at >= limit + 1);
    if (rows.length > mostRows) return depth;
    if (!rows.some(({ kind }) => kind === 'folded')) return Number.POSITIVE_INFINITY;
  }
  return depth;
}
