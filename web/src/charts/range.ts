// Ranges of time that a chart is moved to.
import type { TimeRange } from './series-query';

/** What is shown at least: below it, times would be finer than milliseconds. */
const shortest_ms = 10;
/** Fifty years. */
const longest_ms = 50 * 365.25 * 86_400_000;
/** The last time that a reading can have: 2262-04-11. */
const last_ms = 9_223_372_036_854;

/** Moved by a part of its length; to the left with a negative one. Never before 1970. */
export function panned({ from_ms, to_ms }: TimeRange, part: number): TimeRange {
  const length = to_ms - from_ms;
  const from = Math.min(Math.max(0, from_ms + length * part), last_ms - length);
  return { from_ms: from, to_ms: from + length };
}

/** Longer by a factor (shorter below 1), about a place from 0 (its beginning) to 1 (its end). */
export function zoomed({ from_ms, to_ms }: TimeRange, factor: number, at: number): TimeRange {
  const length = to_ms - from_ms;
  const wanted = Math.min(longest_ms, Math.max(shortest_ms, length * factor));
  const from = Math.min(Math.max(0, from_ms + (length - wanted) * at), last_ms - wanted);
  return { from_ms: from, to_ms: from + wanted };
}
