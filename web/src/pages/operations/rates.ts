// What happened between polls: rates, and how long things took.
import type { Histogram, Operations } from '@/api/operations';
import type { SeriesPoints } from '@/charts/series-query';

const timeOf = (poll: Operations) => Date.parse(poll.time);

/** Per second, between each poll and the one before. */
export function rates(polls: Operations[], counter: (poll: Operations) => number): SeriesPoints {
  const points: SeriesPoints = { time_ms: [], mean: [] };
  polls.slice(1).forEach((poll, at) => {
    const before = polls[at];
    if (!before) return;
    const seconds = (timeOf(poll) - timeOf(before)) / 1000;
    if (seconds <= 0) return;
    points.time_ms.push(timeOf(poll));
    points.mean.push((counter(poll) - counter(before)) / seconds);
  });
  return points;
}

/** The newest poll and the last one that is at least so old, or the oldest there is. */
export function span(polls: Operations[], ms: number): { from: Operations; to: Operations } | undefined {
  const to = polls.at(-1);
  const oldest = polls[0];
  if (!to || !oldest || polls.length < 2) return undefined;
  return { from: polls.findLast((poll) => timeOf(to) - timeOf(poll) >= ms) ?? oldest, to };
}

/** Per second between two polls. */
export function rateOf({ from, to }: { from: Operations; to: Operations }, counter: (poll: Operations) => number) {
  return ((counter(to) - counter(from)) * 1000) / (timeOf(to) - timeOf(from));
}

/** Of whatever reason. How many readings were in them nobody knows: many were none. */
export function refusedMessages({ refused }: Operations): number {
  return refused.reduce((sum, { count }) => sum + count, 0);
}

/** What one histogram has more than an earlier one. */
export function difference(from: Histogram, to: Histogram): Histogram {
  return {
    count: to.count - from.count,
    sum_s: to.sum_s - from.sum_s,
    buckets: to.buckets.map(({ up_to_s, count }, at) => ({ up_to_s, count: count - (from.buckets[at]?.count ?? 0) })),
  };
}

/** Within how many seconds that part of all was done: where between two bounds is not known, so evenly spread. */
export function quantile(histogram: Histogram, part: number): { seconds: number; isMore: boolean } | undefined {
  if (histogram.count === 0) return undefined;
  const wanted = histogram.count * part;
  let before = { up_to_s: 0, count: 0 };
  for (const bucket of histogram.buckets) {
    if (bucket.count >= wanted) {
      const within = bucket.count === before.count ? 1 : (wanted - before.count) / (bucket.count - before.count);
      return { seconds: before.up_to_s + within * (bucket.up_to_s - before.up_to_s), isMore: false };
    }
    before = bucket;
  }
  return { seconds: before.up_to_s, isMore: true };
}
