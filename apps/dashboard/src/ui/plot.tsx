import 'uplot/dist/uPlot.min.css';
import { useEffect, useRef } from 'react';
import uPlot from 'uplot';
import { exact } from '../lib/format';
import { useIsDark } from '../lib/theme';
import { t } from '../strings';

export interface Series {
  label: string;
  /** Ms since 1970, ascending. */
  times: readonly number[];
  values: readonly (number | null)[];
  /** How a value of it is written. */
  format: (value: number) => string;
}

/** A colour of the tokens as a canvas needs it: `light-dark()` is resolved only on an element. */
function color(token: string): string {
  const probe = document.createElement('span');
  probe.style.color = `var(${token})`;
  document.body.append(probe);
  const resolved = getComputedStyle(probe).color;
  probe.remove();
  return resolved;
}

const dayOf = new Intl.DateTimeFormat(undefined, { month: 'short', day: 'numeric' });
const timeOf = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', hour12: false });
const DAY_MS = 86_400_000;

/** Times under the plot, in the reader's own words; the day where it begins anew. */
function timeLabels(_: uPlot, splits: number[], __: number, ___: number, step: number): string[] {
  let before = '';
  return splits.map((at) => {
    const day = dayOf.format(at);
    const isNewDay = day !== before;
    before = day;
    if (step >= DAY_MS) return day;
    return isNewDay ? `${timeOf.format(at)}\n${day}` : timeOf.format(at);
  });
}

const steps: Partial<uPlot.Series> = uPlot.paths.stepped ? { paths: uPlot.paths.stepped({ align: 1 }) } : {};

const lines = ['--color-plot-1', '--color-plot-2'];

interface Looks {
  width: number;
  height: number;
  scales: readonly string[];
  areCounts: boolean;
  onSelect: ((from: number, to: number) => void) | undefined;
}

/** Whole numbers for the axis of counts. */
const wholeSteps = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1e3, 2e3, 5e3, 1e4, 2e4, 5e4, 1e5, 1e6, 1e7];

/** What was dragged over, told and let go. */
const tellSelection = (onSelect: (from: number, to: number) => void) => (plot: uPlot) => {
  const { left, width } = plot.select;
  if (width <= 0) return;
  onSelect(plot.posToVal(left, 'x'), plot.posToVal(left + width, 'x'));
  plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
};

function optionsFor(series: readonly Series[], looks: Looks): uPlot.Options {
  const { width, height, scales, areCounts, onSelect } = looks;
  const axis = {
    stroke: color('--color-faint'),
    grid: { stroke: color('--color-line'), width: 1 },
    ticks: { stroke: color('--color-line'), width: 1 },
    font: '12px system-ui',
  };
  return {
    width,
    height,
    ms: 1,
    cursor: { drag: { x: true, y: false, setScale: !onSelect }, points: { size: 7 } },
    hooks: onSelect ? { setSelect: [tellSelection(onSelect)] } : {},
    scales: {
      x: { time: true },
      ...(areCounts
        ? { y0: { range: (_: uPlot, __: number, most: number) => [0, Math.max(most, 1) * 1.1] } }
        : {}),
    },
    axes: [
      { ...axis, values: timeLabels },
      ...[...new Set(scales)].map((scale, index) => ({
        ...axis,
        scale,
        side: index === 0 ? (3 as const) : (1 as const),
        size: 64,
        ...(areCounts ? { incrs: wholeSteps } : {}),
        grid: index === 0 ? axis.grid : { show: false },
      })),
    ],
    series: [
      { label: t.plot.time, value: (_: uPlot, at: number | null) => (at === null ? '—' : exact(at)) },
      ...series.map(({ label, format }, index) => {
        const stroke = color(lines[index] ?? '--color-plot-1');
        return {
          label,
          stroke,
          scale: scales[index] ?? 'y',
          width: 2,
          spanGaps: true,
          dash: index === 1 ? [6, 3] : [],
          points: areCounts ? { show: false } : { size: 5, fill: stroke },
          ...(areCounts ? steps : {}),
          value: (_: uPlot, value: number | null) => (value === null ? '—' : format(value)),
        };
      }),
    ],
  };
}

/** One or two values over time: drag to zoom, double-click for all; the second line is dashed. */
export function Plot({
  series,
  height = 320,
  label,
  areCounts = false,
  onSelect,
}: {
  series: readonly Series[];
  height?: number;
  label: string;
  /** How many in each span: one axis from 0 for all, drawn as steps. */
  areCounts?: boolean;
  /** When given, dragging chooses a time span (ms) instead of zooming. */
  onSelect?: (from: number, to: number) => void;
}) {
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const isDark = useIsDark();
  const shape = JSON.stringify(series.map((each) => each.label));
  const latest = useRef(series);
  latest.current = series;
  const select = useRef(onSelect);
  select.current = onSelect;
  const isSelecting = onSelect !== undefined;

  // biome-ignore lint/correctness/useExhaustiveDependencies: another theme or other lines need another plot
  useEffect(() => {
    const element = box.current;
    if (!element) return;
    const looks: Looks = {
      width: element.clientWidth,
      height,
      scales: latest.current.map((_, index) => (areCounts ? 'y0' : `y${index}`)),
      areCounts,
      onSelect: isSelecting ? (from, to) => select.current?.(from, to) : undefined,
    };
    const made = new uPlot(optionsFor(latest.current, looks), join(latest.current), element);
    plot.current = made;
    const observer = new ResizeObserver(() => made.setSize({ width: element.clientWidth, height }));
    observer.observe(element);
    return () => {
      observer.disconnect();
      made.destroy();
      plot.current = null;
    };
  }, [shape, isDark, height, areCounts, isSelecting]);

  useEffect(() => {
    const made = plot.current;
    if (!made) return;
    const { min, max } = made.scales.x ?? {};
    const [first, last] = [made.data[0]?.[0], made.data[0]?.at(-1)];
    const isZoomed = min !== undefined && max !== undefined && (min !== first || max !== last);
    made.setData(join(series), !isZoomed);
    if (isZoomed && min != null && max != null) made.setScale('x', { min, max });
  }, [series]);

  return <div ref={box} role="img" aria-label={label} className="w-full min-w-0 overflow-hidden" />;
}

function join(series: readonly Series[]): uPlot.AlignedData {
  const tables = series.map(({ times, values }) => [[...times], [...values]] as uPlot.AlignedData);
  return tables.length === 1 ? (tables[0] as uPlot.AlignedData) : uPlot.join(tables);
}
