// A series for the screen: minimum, maximum and mean of as many intervals as there are pixels to show them, so that years cost
// what hours cost.
import type { SearchAnswer } from '@/api/elasticsearch';

/** Milliseconds since 1970; `to_ms` is not included. */
export interface TimeRange {
  from_ms: number;
  to_ms: number;
}

/** Columns of one length, in the order of time. null: nothing was measured there. */
export interface SeriesPoints {
  time_ms: number[];
  mean: (number | null)[];
  min?: (number | null)[];
  max?: (number | null)[];
}

/** What an interval may last, so that neighbouring views share their intervals. */
const intervals_ms = [
  1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 15_000, 30_000, 60_000, 120_000, 300_000, 600_000,
  900_000, 1_800_000, 3_600_000, 7_200_000, 10_800_000, 21_600_000, 43_200_000, 86_400_000,
];
const day_ms = 86_400_000;
/** An interval for every second pixel: what is narrower than a line cannot be told apart. */
const pixels_per_interval = 2;

/** The shortest of the round intervals with which the range has no more of them than the width can show. */
export function intervalOf(range: TimeRange, width_px: number): number {
  const count = Math.max(1, Math.floor(width_px / pixels_per_interval));
  const least = (range.to_ms - range.from_ms) / count;
  return intervals_ms.find((each) => each >= least) ?? Math.ceil(least / day_ms) * day_ms;
}

export function timeFilter(range: TimeRange): object {
  return {
    range: {
      timestamp: { gte: Math.floor(range.from_ms), lt: Math.ceil(range.to_ms), format: 'epoch_millis' },
    },
  };
}

/** The request of which seriesPoints() reads the answer. `field`: "value", or a field of an object such as "value.temp". */
export function seriesBody(range: TimeRange, width_px: number, field = 'value'): object {
  return {
    size: 0,
    track_total_hits: false,
    query: timeFilter(range),
    aggs: {
      series: {
        date_histogram: { field: 'timestamp', fixed_interval: `${intervalOf(range, width_px)}ms`, min_doc_count: 1 },
        aggs: { min: { min: { field } }, max: { max: { field } }, mean: { avg: { field } } },
      },
    },
  };
}

interface Bucket {
  key: number;
  doc_count: number;
  min: { value: number | null };
  max: { value: number | null };
  mean: { value: number | null };
}

/** A gap of more than so many times the usual distance is shown as one. */
const gap_factor = 3;

/** Points at the middle of their intervals; where nothing came for long, a point of null breaks the line. */
export function seriesPoints(answer: SearchAnswer, range: TimeRange, width_px: number): Required<SeriesPoints> {
  const series = answer.aggregations?.series as { buckets: Bucket[] } | undefined;
  const interval = intervalOf(range, width_px);
  const points: Required<SeriesPoints> = { time_ms: [], mean: [], min: [], max: [] };
  const buckets = series?.buckets ?? [];
  const usual = usualDistance(buckets.map((bucket) => bucket.key));
  const put = (time_ms: number, mean: number | null, min: number | null, max: number | null) => {
    points.time_ms.push(time_ms);
    points.mean.push(mean);
    points.min.push(min);
    points.max.push(max);
  };
  let before: number | undefined;
  for (const bucket of buckets) {
    if (before !== undefined && bucket.key - before > gap_factor * usual) {
      put((before + bucket.key + interval) / 2, null, null, null);
    }
    put(bucket.key + interval / 2, bucket.mean.value, bucket.min.value, bucket.max.value);
    before = bucket.key;
  }
  return points;
}

/** The median distance of neighbours. */
export function usualDistance(times: number[]): number {
  const distances = times.slice(1).map((time, at) => time - (times[at] ?? time));
  distances.sort((a, b) => a - b);
  return distances[Math.floor(distances.length / 2)] ?? Infinity;
}
