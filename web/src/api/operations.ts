// How the platform does: numbers for administrators, and what they were since a page is open.
import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { request } from './client';

/** How many took at most so long: cumulative, so that the differences of two are a histogram too. */
export interface Histogram {
  count: number;
  sum_s: number;
  buckets: { up_to_s: number; count: number }[];
}

export interface Operations {
  time: string;
  version: string;
  uptime_s: number;
  data_dir: string;
  memory_bytes: number;
  readings: { acknowledged: number; refused: number; failed: number; stored: number };
  messages: { http: number; websocket: number; mqtt: number };
  refused: { protocol: string; reason: string; count: number }[];
  acknowledgement: Histogram;
  log: { bytes: number; segments: number; last_position: number; healthy: boolean; failures: number };
  store: {
    bytes: number;
    applied_position: number;
    heads: number;
    head_bytes: number;
    cache_bytes: number;
    chunks_written: number;
    damaged_chunks: number;
    failures: number;
  };
  things: { users: number; devices: number; sensors: number; consumers: number; devices_silent: number };
  disk: { used_bytes: number; free_bytes: number; size_bytes: number; budget_bytes: number | null };
  connections: { http: number; core: number; query: number; websocket: number; mqtt: number };
  queries: { answered: number; failed: number; refused: number; duration: Histogram };
}

/** The last error of a device. */
export interface Refusal {
  device_id: string;
  name: string;
  time: string;
  message: string;
  protocol: string | null;
  address: string | null;
}

export const poll_ms = 2_000;
/** Half an hour; older ones are forgotten. */
const polls_max = 900;

export async function fetchOperations(signal?: AbortSignal): Promise<Operations> {
  const response = await request('/api/operations', { signal: signal ?? null });
  return ((await response.json()) as { result: Operations }).result;
}

/** The polls with the next one. Counters begin anew with the platform, and then so do the polls. */
export function withNext(polls: Operations[], next: Operations): Operations[] {
  const last = polls.at(-1);
  return last && next.uptime_s < last.uptime_s ? [next] : [...polls.slice(1 - polls_max), next];
}

/** All polls since a page asks for them, the newest last. */
export const operationsQuery = queryOptions({
  queryKey: ['operations'],
  queryFn: async ({ client, signal }): Promise<Operations[]> =>
    withNext(client.getQueryData<Operations[]>(['operations']) ?? [], await fetchOperations(signal)),
  refetchInterval: poll_ms,
  gcTime: 0,
  structuralSharing: false,
});

export const refusalsQuery = infiniteQueryOptions({
  queryKey: ['operations', 'refusals'],
  initialPageParam: undefined as string | undefined,
  queryFn: async ({ pageParam, signal }) => {
    const response = await request(`/api/operations/refusals?limit=50${pageParam ? `&after=${pageParam}` : ''}`, {
      signal,
    });
    return (await response.json()) as { result: Refusal[]; next?: string };
  },
  getNextPageParam: (last) => last.next,
  refetchInterval: 10_000,
});
