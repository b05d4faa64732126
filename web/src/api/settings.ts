// Every effective setting. For administrators alone.
import { queryOptions } from '@tanstack/react-query';
import { request } from './client';

export interface Setting {
  name: string;
  value: string;
  /** "default", or where it was set. */
  source: string;
  default: string;
  description: string;
  allowed: string;
}

export const settingsQuery = queryOptions({
  queryKey: ['settings'],
  queryFn: async ({ signal }) => {
    const response = await request('/api/settings', { signal });
    return ((await response.json()) as { result: Setting[] }).result;
  },
  // They are read when the platform starts.
  staleTime: 60_000,
});
