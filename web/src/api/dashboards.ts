// Dashboards: who may see and change them, and the document that says what they show.
import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { request } from './client';

export type Visibility = 'private' | 'users';

export interface DashboardSummary {
  id: string;
  user_id: string;
  /** The name of the user. */
  owner: string;
  name: string;
  description: string;
  visibility: Visibility;
  /** One more with each change. */
  version: number;
  may_change: boolean;
  created: string;
  updated: string;
}

export interface Dashboard extends DashboardSummary {
  document: unknown;
}

export interface DashboardPatch {
  name?: string;
  description?: string;
  visibility?: Visibility;
  document?: object;
  /** What the change was made on; where another one is current, the answer is a conflict. */
  version?: number;
}

export const dashboardKeys = {
  all: ['dashboards'] as const,
  one: (dashboard: string) => ['dashboards', dashboard] as const,
};

const page = 50;
const path = (dashboard: string) => `/api/dashboards/${encodeURIComponent(dashboard)}`;

async function answer<T>(address: string, init?: RequestInit): Promise<T> {
  return (await (await request(address, init)).json()) as T;
}

function sent(method: string, body: object): RequestInit {
  return { method, headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) };
}

export const dashboardsQuery = (name: string) =>
  infiniteQueryOptions({
    queryKey: [...dashboardKeys.all, 'list', name],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam, signal }) => {
      const query = new URLSearchParams({
        limit: String(page),
        ...(pageParam ? { after: pageParam } : {}),
        ...(name ? { name } : {}),
      });
      return answer<{ result: DashboardSummary[]; next?: string }>(`/api/dashboards?${query.toString()}`, { signal });
    },
    getNextPageParam: (last) => last.next,
  });

export const dashboardQuery = (dashboard: string) =>
  queryOptions({
    queryKey: dashboardKeys.one(dashboard),
    queryFn: async ({ signal }) => (await answer<{ result: Dashboard }>(path(dashboard), { signal })).result,
  });

export async function createDashboard(body: {
  name: string;
  description: string;
  visibility: Visibility;
  document: object;
}): Promise<Dashboard> {
  return (await answer<{ result: Dashboard }>('/api/dashboards', sent('POST', body))).result;
}

export async function changeDashboard(dashboard: string, patch: DashboardPatch): Promise<Dashboard> {
  return (await answer<{ result: Dashboard }>(path(dashboard), sent('PATCH', patch))).result;
}

export async function deleteDashboard(dashboard: string): Promise<void> {
  await request(path(dashboard), { method: 'DELETE' });
}
