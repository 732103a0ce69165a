/** One parameter as it is edited: text as it is, or any other value as JSON. */
export interface ParamRow {
  /** Identity while editing: keys may be equal or empty meanwhile. */
  id: number;
  key: string;
  value: string;
  isJson: boolean;
}

let lastId = 0;

export const newRow = (key = '', value = '', isJson = false): ParamRow => ({
  id: ++lastId,
  key,
  value,
  isJson,
});

/** Parameters as rows to edit. */
export function toRows(params: Readonly<Record<string, unknown>>): ParamRow[] {
  return Object.entries(params).map(([key, value]) =>
    typeof value === 'string'
      ? newRow(key, value)
      : newRow(key, JSON.stringify(value, null, 2) ?? 'null', true),
  );
}

export type RowProblem = 'noKey' | 'sameKey' | 'longKey' | 'badJson';

/** What is wrong with each row, by its id. */
export function problemsOf(rows: readonly ParamRow[]): Map<number, RowProblem> {
  const problems = new Map<number, RowProblem>();
  const seen = new Set<string>();
  for (const { id, key, value, isJson } of rows) {
    const name = key.trim();
    if (name === '') {
      if (value !== '') problems.set(id, 'noKey');
      continue;
    }
    if (seen.has(name)) problems.set(id, 'sameKey');
    else if (name.length > 200) problems.set(id, 'longKey');
    else if (isJson && !isParsable(value)) problems.set(id, 'badJson');
    seen.add(name);
  }
  return problems;
}

/** The parameters that the rows mean; empty rows mean nothing. Only for rows without problems. */
export function toParams(rows: readonly ParamRow[]): Record<string, unknown> {
  return Object.fromEntries(
    rows
      .filter(({ key }) => key.trim() !== '')
      .map(({ key, value, isJson }) => [key.trim(), isJson ? (JSON.parse(value) as unknown) : value]),
  );
}

function isParsable(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
