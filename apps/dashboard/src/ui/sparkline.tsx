interface Props {
  /** Oldest first; null where nothing is known. */
  values: readonly (number | null)[];
  /** When given, where each value stands; else evenly spread. */
  times?: readonly number[];
  width?: number;
  height?: number;
  /** Read out in place of the picture. */
  label: string;
  isFilled?: boolean;
  className?: string;
  /** Lowest value of the axis; else the lowest of the values. */
  floor?: number;
}

/** A small line without axes: the shape of a value over time. */
export function Sparkline({
  values,
  times,
  width = 96,
  height = 28,
  label,
  isFilled,
  className,
  floor,
}: Props) {
  const points = place(values, times, width, height, floor);
  const line = points
    .map(([x, y], index) => `${index === 0 ? 'M' : 'L'}${x.toFixed(1)} ${y.toFixed(1)}`)
    .join('');
  const first = points[0];
  const last = points.at(-1);
  return (
    <svg
      role="img"
      aria-label={label}
      viewBox={`0 0 ${width} ${height}`}
      preserveAspectRatio="none"
      width={width}
      height={height}
      className={className}
    >
      {isFilled && first && last && points.length > 1 && (
        <path d={`${line}L${last[0]} ${height}L${first[0]} ${height}Z`} className="fill-plot-1/12" />
      )}
      {points.length > 1 && (
        <path
          d={line}
          fill="none"
          strokeWidth={1.5}
          strokeLinejoin="round"
          vectorEffect="non-scaling-stroke"
          className="stroke-plot-1"
        />
      )}
      {points.length === 1 && first && <circle cx={first[0]} cy={first[1]} r={2} className="fill-plot-1" />}
    </svg>
  );
}

function place(
  values: Props['values'],
  times: Props['times'],
  width: number,
  height: number,
  floor?: number,
): [number, number][] {
  const known = values.filter((value): value is number => value !== null);
  if (known.length === 0) return [];
  const low = Math.min(...known, floor ?? Number.POSITIVE_INFINITY);
  const high = Math.max(...known);
  const from = times?.[0] ?? 0;
  const span = (times ? (times.at(-1) ?? 0) - from : values.length - 1) || 1;
  const points: [number, number][] = [];
  values.forEach((value, index) => {
    if (value === null) return;
    const x = ((times ? (times[index] ?? from) - from : index) / span) * (width - 4) + 2;
    const y =
      high === low
        ? floor === low
          ? height - 2
          : height / 2
        : height - 2 - ((value - low) / (high - low)) * (height - 4);
    points.push([x, y]);
  });
  return points;
}
