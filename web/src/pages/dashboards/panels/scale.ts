// From values to places on the screen.

/** About `count` round numbers from below `min` to above `max`, with equal steps. */
export function ticks(min: number, max: number, count: number): number[] {
  if (!(max > min)) return ticks(min - (Math.abs(min) || 1) / 2, min + (Math.abs(min) || 1) / 2, count);
  const rough = (max - min) / Math.max(1, count);
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((each) => each * power).find((each) => each >= rough) ?? rough;
  const first = Math.floor(min / step);
  const last = Math.ceil(max / step - 1e-9);
  // Multiplied and not added up, and without the digits that are only the computer's.
  return Array.from({ length: last - first + 1 }, (_, at) => Number(((first + at) * step).toPrecision(12)));
}

/** The place of `value` between `from` and `to`, as [min, max] goes to [from, to]. */
export function scale(value: number, min: number, max: number, from: number, to: number): number {
  return max === min ? (from + to) / 2 : from + ((value - min) / (max - min)) * (to - from);
}
