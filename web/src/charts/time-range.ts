// What time is shown: the last so and so long, moving with the clock, or from one time to another.
import type { TimeRange } from './series-query';

const lengths_ms = {
  '5m': 300_000,
  '1h': 3_600_000,
  '24h': 86_400_000,
  '7d': 604_800_000,
  '30d': 2_592_000_000,
  '1y': 31_536_000_000,
} as const;

export type Last = keyof typeof lengths_ms;
export const lasts = Object.keys(lengths_ms) as Last[];

/** Until now, over so long. Its beginning is rounded so that a chart does not tremble while time goes on. */
export function lastRange(last: Last, now_ms: number): TimeRange {
  return { from_ms: now_ms - lengths_ms[last], to_ms: now_ms };
}

export function lengthOf(last: Last): number {
  return lengths_ms[last];
}
