// What panels ask for and how. A reader of a shared dashboard asks in its name: it shows what its owner may see.
import { keepPreviousData, useQuery, type UseQueryResult } from '@tanstack/react-query';
import { search, type SearchAnswer } from '@/api/elasticsearch';
import type { Bounds } from '../range';

/** A sensor as a panel shows it. */
export interface SensorRef {
  /** <device>_<sensor> */
  index: string;
  name: string;
  unit: string;
}

export interface PanelProps<Panel> {
  panel: Panel;
  sensors: SensorRef[];
  bounds: Bounds;
  /** How much until now is shown while readings come by themselves; missing: the bounds are. */
  liveRange_ms: number | undefined;
  /** Where the user zoomed to; missing: nothing can be moved. */
  onBounds: ((bounds: Bounds) => void) | undefined;
  /** In whose name is asked; undefined: in the user's own. */
  dashboard: string | undefined;
  /** Whether it can be seen at all. */
  isShown: boolean;
  title: string;
  width: number;
  height: number;
}

export interface SensorAnswer {
  sensor: SensorRef;
  answer: SearchAnswer | undefined;
  error: Error | undefined;
}

export const inBounds = ({ from_ms, to_ms }: Bounds) => ({
  range: { timestamp: { gte: from_ms, lt: to_ms, format: 'epoch_millis' } },
});

/** Answers of earlier times are not kept: with each refresh there are new ones. */
const kept_ms = 10_000;

type Asking = Pick<PanelProps<unknown>, 'dashboard' | 'isShown'>;

/** The indices of those that have an answer. */
export const answeredOf = (answers: SensorAnswer[] | undefined): string[] =>
  (answers ?? []).filter(({ answer }) => answer).map(({ sensor }) => sensor.index);

/** The same question about each sensor. Where some have no answer, the others have; where none has, it is an error. */
export function useEach(sensors: SensorRef[], body: object, asking: Asking): UseQueryResult<SensorAnswer[]> {
  return useQuery({
    queryKey: ['readings', asking.dashboard ?? '', sensors, body],
    queryFn: async ({ signal }) => {
      const options = { signal, ...(asking.dashboard ? { dashboard: asking.dashboard } : {}) };
      const settled = await Promise.allSettled(sensors.map((sensor) => search(sensor.index, body, options)));
      const answers = sensors.map((sensor, at): SensorAnswer => {
        const one = settled[at];
        return one?.status === 'fulfilled'
          ? { sensor, answer: one.value, error: undefined }
          : { sensor, answer: undefined, error: one?.reason instanceof Error ? one.reason : new Error() };
      });
      const [first] = answers;
      if (first?.error && answers.every((each) => each.error)) throw first.error;
      return answers;
    },
    enabled: asking.isShown && sensors.length > 0,
    placeholderData: keepPreviousData,
    staleTime: Infinity,
    gcTime: kept_ms,
  });
}

/** One question about all of them together. */
export function useTogether(sensors: SensorRef[], body: object, asking: Asking): UseQueryResult<SearchAnswer> {
  const index = sensors.map((sensor) => sensor.index).join(',');
  return useQuery({
    queryKey: ['readings', asking.dashboard ?? '', index, body],
    queryFn: ({ signal }) =>
      search(index, body, { signal, ...(asking.dashboard ? { dashboard: asking.dashboard } : {}) }),
    enabled: asking.isShown && sensors.length > 0,
    placeholderData: keepPreviousData,
    staleTime: Infinity,
    gcTime: kept_ms,
  });
}

export interface Reading {
  index: string;
  timestamp: string;
  value: unknown;
}

/** The readings of an answer, as they were sorted. */
export function readingsOf(answer: SearchAnswer | undefined): Reading[] {
  const hits = (answer?.hits.hits ?? []) as { _index: string; _source?: unknown }[];
  return hits.map(({ _index, _source }) => {
    const source = _source as { timestamp: string; value: unknown };
    return { index: _index, timestamp: source.timestamp, value: source.value };
  });
}

/** The value of a metric aggregation of this name; null where there was nothing. */
export function metricOf(aggregations: unknown, name: string): number | null {
  return (aggregations as Record<string, { value?: number | null }> | undefined)?.[name]?.value ?? null;
}

interface Bucket {
  key: number;
  [aggregation: string]: unknown;
}

export function bucketsOf(answer: SearchAnswer | undefined, name: string): Bucket[] {
  return (answer?.aggregations as Record<string, { buckets: Bucket[] }> | undefined)?.[name]?.buckets ?? [];
}

/** The aggregation of Elasticsearch for what a document calls avg, min, max, sum or count. */
export const aggregationOf = (value: string) => ({
  [value === 'count' ? 'value_count' : value]: { field: 'value' },
});
