export interface Column {
  label: string;
  times: readonly number[];
  values: readonly (number | null)[];
}

/** A field as CSV writes it; a leading sign that a spreadsheet would run as a formula is kept from it. */
function cell(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) && Number.isNaN(Number(text)) ? `'${text}` : text;
  return /[",\n\r]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** Values over time as CSV (RFC 4180): one row a moment, one column a value. */
export function toCsv(columns: readonly Column[]): string {
  const rows = new Map<number, (number | null)[]>();
  columns.forEach(({ times, values }, column) => {
    times.forEach((time, index) => {
      const row = rows.get(time) ?? columns.map(() => null);
      rows.set(time, row);
      row[column] = values[index] ?? null;
    });
  });
  const lines = [...rows]
    .sort(([a], [b]) => a - b)
    .map(([time, values]) => [
      new Date(time).toISOString(),
      ...values.map((value) => (value === null ? '' : String(value))),
    ]);
  return [['time', ...columns.map(({ label }) => label)], ...lines]
    .map((line) => line.map(cell).join(','))
    .join('\r\n');
}
