// What is asked about a sensor's readings in a range of time, beside its chart.
import { search, type SearchAnswer } from '@/api/elasticsearch';
import { intervalOf, timeFilter, usualDistance, type TimeRange } from '@/charts/series-query';

export interface Statistics {
  count: number;
  min: number | null;
  max: number | null;
  mean: number | null;
  deviation: number | null;
}

export interface Gap {
  from_ms: number;
  to_ms: number;
}

export interface Reading {
  id: string;
  timestamp: string;
  value: unknown;
}

export function isNumeric(type: string): boolean {
  return ['double', 'float', 'long', 'integer', 'short', 'byte'].includes(type);
}

export async function statistics(index: string, range: TimeRange, signal: AbortSignal): Promise<Statistics> {
  const answer = await search(
    index,
    {
      size: 0,
      query: timeFilter(range),
      aggs: { values: { extended_stats: { field: 'value' } } },
    },
    { signal },
  );
  const values = answer.aggregations?.values as Record<string, number | null>;
  return {
    count: values.count ?? 0,
    min: values.min ?? null,
    max: values.max ?? null,
    mean: values.avg ?? null,
    deviation: values.std_deviation ?? null,
  };
}

const readings_shown = 100;

export async function newestReadings(index: string, range: TimeRange, signal: AbortSignal): Promise<Reading[]> {
  const answer = await search(
    index,
    { size: readings_shown, track_total_hits: false, query: timeFilter(range), sort: [{ timestamp: 'desc' }] },
    { signal },
  );
  return answer.hits.hits.map((hit) => ({
    id: hit._id,
    timestamp: String(hit._source.timestamp),
    value: hit._source.value,
  }));
}

/** The times of the first and the last reading; nothing where there is none. */
export async function span(index: string, signal: AbortSignal): Promise<TimeRange | null> {
  const answer = await search(
    index,
    { size: 0, aggs: { first: { min: { field: 'timestamp' } }, last: { max: { field: 'timestamp' } } } },
    { signal },
  );
  const first = (answer.aggregations?.first as { value: number | null }).value;
  const last = (answer.aggregations?.last as { value: number | null }).value;
  return first === null || last === null ? null : { from_ms: Math.floor(first), to_ms: Math.ceil(last) + 1 };
}

/** Into so many pieces a range is cut to look for those in which nothing came. */
const pieces = 2_000;
const gaps_shown = 10;
/** So many times the usual distance. */
const gap_factor = 5;

/** The longest times without a reading, the longest first. Shorter than a two-thousandth of the range none is seen. */
export function gapsOf(answer: SearchAnswer, interval_ms: number): Gap[] {
  const buckets = (answer.aggregations?.times as { buckets: { key: number }[] } | undefined)?.buckets ?? [];
  const usual = usualDistance(buckets.map(({ key }) => key));
  const gaps: Gap[] = [];
  for (const [at, { key }] of buckets.entries()) {
    const before = buckets[at - 1]?.key;
    if (before !== undefined && key - before > gap_factor * usual)
      gaps.push({ from_ms: before + interval_ms, to_ms: key });
  }
  gaps.sort((a, b) => b.to_ms - b.from_ms - (a.to_ms - a.from_ms));
  return gaps.slice(0, gaps_shown);
}

export async function gaps(index: string, range: TimeRange, signal: AbortSignal): Promise<Gap[]> {
  const interval = intervalOf(range, 2 * pieces);
  const answer = await search(
    index,
    {
      size: 0,
      track_total_hits: false,
      query: timeFilter(range),
      aggs: { times: { date_histogram: { field: 'timestamp', fixed_interval: `${interval}ms`, min_doc_count: 1 } } },
    },
    { signal },
  );
  return gapsOf(answer, interval);
}
