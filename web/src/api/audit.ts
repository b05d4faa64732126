// What was changed, by whom, the newest first.
import { infiniteQueryOptions } from '@tanstack/react-query';
import { api, data, type Schemas } from './client';

/** As the API gives it: all of it is always there. */
export type AuditEntry = Required<Omit<Schemas['AuditEntry'], 'details'>> & { details: Record<string, unknown> };

const page = 100;

export const auditQuery = () =>
  infiniteQueryOptions({
    queryKey: ['audit'],
    initialPageParam: undefined as string | undefined,
    queryFn: async ({ pageParam, signal }) => {
      const { result, next } = await data(
        api.GET('/api/audit', { params: { query: { limit: page, ...(pageParam && { after: pageParam }) } }, signal }),
      );
      return { result: result as AuditEntry[], ...(next !== undefined && { next }) };
    },
    getNextPageParam: (last) => last.next,
  });
