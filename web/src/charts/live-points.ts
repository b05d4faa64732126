// A series that goes on with the readings that have come since it was asked for.
import type { SeriesPoints } from './series-query';

export interface NumberReading {
  time_ms: number;
  value: number;
}

/** The same with a point for each further interval in which something came. Readings in the order of time. */
export function withLive(
  points: Required<SeriesPoints>,
  readings: readonly NumberReading[],
  interval_ms: number,
): Required<SeriesPoints> {
  const last_ms = points.time_ms.at(-1) ?? -Infinity;
  const more: Required<SeriesPoints> = { time_ms: [], mean: [], min: [], max: [] };
  let count = 0;
  for (const { time_ms, value } of readings) {
    const middle = Math.floor(time_ms / interval_ms) * interval_ms + interval_ms / 2;
    if (middle <= last_ms) continue;
    const at = more.time_ms.length - 1;
    if (more.time_ms[at] !== middle) {
      count = 1;
      more.time_ms.push(middle);
      for (const column of [more.mean, more.min, more.max]) column.push(value);
    } else {
      count += 1;
      const mean = more.mean[at] ?? 0;
      more.mean[at] = mean + (value - mean) / count;
      more.min[at] = Math.min(more.min[at] ?? value, value);
      more.max[at] = Math.max(more.max[at] ?? value, value);
    }
  }
  if (more.time_ms.length === 0) return points;
  return {
    time_ms: [...points.time_ms, ...more.time_ms],
    mean: [...points.mean, ...more.mean],
    min: [...points.min, ...more.min],
    max: [...points.max, ...more.max],
  };
}
