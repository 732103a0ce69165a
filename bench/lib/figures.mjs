/** The value below which `part` (0–1) of the numbers lie. */
export const quantile = (numbers, part) => {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))];
};

export const median = (numbers) => quantile(numbers, 0.5);

/** One line of a result: what, how much, against what, and whether the goal is met. */
export function report(what, figure, goal, met) {
  const mark = met === undefined ? ' ' : met ? '✓' : '✗';
  process.stdout.write(`${mark} ${what.padEnd(58)} ${figure.padStart(30)}   ${goal}\n`);
  if (met === false) process.exitCode = 1;
}

export const ms = (value) => `${value.toFixed(2)} ms`;
export const rate = (value) => `${Math.round(value).toLocaleString('en')}/s`;
