// Queries: Elasticsearch's API, over what the session may see.
import { request } from './client';

/** What pages read of an answer. */
export interface SearchAnswer {
  took: number;
  hits: {
    total?: { value: number; relation: 'eq' | 'gte' };
    hits: { _index: string; _id: string; _source: Record<string, unknown>; sort?: unknown[] }[];
  };
  aggregations?: Record<string, unknown>;
}

export interface SearchOptions {
  signal?: AbortSignal | undefined;
  /** The id of a dashboard whose panels ask: with the rights of its owner, over the sensors that it names. */
  dashboard?: string | undefined;
}

/** The index of a sensor's readings. */
export function indexOf(device: string, sensor: string): string {
  return `${device}_${sensor}`;
}

export async function search(index: string, body: object, options: SearchOptions = {}): Promise<SearchAnswer> {
  const front = options.dashboard ? `/api/dashboards/${options.dashboard}/elasticsearch` : '/api/elasticsearch';
  const response = await request(`${front}/${index}/_search`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
    signal: options.signal ?? null,
  });
  return (await response.json()) as SearchAnswer;
}
