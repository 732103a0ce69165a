import pg from 'pg';

/** A value that differs from message to message. */
export class Column {
  readonly sql: string;
  /** Whether it is the text of a JSON string, which needs no escapes, or of a whole JSON value. */
  readonly quoted: boolean;

  constructor(sql: string, quoted: boolean) {
    this.sql = sql;
    this.quoted = quoted;
  }
}

const utc = (time: string, format: string): string => `to_char(${time} AT TIME ZONE 'UTC', '${format}')`;
const ISO = 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"';
const orNull = (text: string): string => `coalesce('"' || ${text} || '"', 'null')`;
const text = (sql: string): Column => new Column(sql, true);
const json = (sql: string): Column => new Column(sql, false);

/** What a file of an archive can say of its message `m`. */
const columns = {
  id: text('m.id'),
  thingId: text('m.thing_id'),
  type: text('m.type'),
  /** ISO 8601. */
  at: text(utc('m.at', ISO)),
  /** ISO 8601 without fractions of the second. */
  atSecond: text(utc('m.at', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')),
  /** Whole seconds since 1970. */
  epochSeconds: json('floor(extract(epoch FROM m.at))::bigint'),
  bytes: json('m.bytes'),
  state: json(orNull('m.state')),
  stateAt: json(orNull(utc('m.state_at', ISO))),
  /** As it came: parsing would round its long numbers. */
  payload: json('m.payload'),
};

export type FileColumns = typeof columns;

/** Makes the object that each file holds, of columns and of JSON values that are the same in all of them. */
export type PresentFile = (column: FileColumns) => Record<string, unknown>;

/** A file's JSON text as an SQL expression: the database makes it in a fifth of the time it takes here. */
export function fileText(present: PresentFile): string {
  const used: string[] = [];
  const constant = (value: unknown): string => JSON.stringify(value).replaceAll('%', '%%');
  const members = Object.entries(present(columns)).map(([key, value]) => {
    if (!(value instanceof Column)) return `${constant(key)}:${constant(value)}`;
    used.push(value.sql);
    return `${constant(key)}:${value.quoted ? '"%s"' : '%s'}`;
  });
  return `format(${[pg.escapeLiteral(`{${members.join(',')}}`), ...used].join(', ')})`;
}
