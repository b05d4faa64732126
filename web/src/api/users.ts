// Users, and what is theirs.
import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { api, data } from './client';

const page = 50;
/** The longest page that the API gives. */
export const counted_max = 1000;

export const userKeys = {
  all: ['users'] as const,
  user: (user: string) => ['users', user] as const,
};

export const usersQuery = (name: string) =>
  infiniteQueryOptions({
    queryKey: [...userKeys.all, 'list', name],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam, signal }) =>
      data(
        api.GET('/api/users', {
          params: { query: { limit: page, ...(pageParam ? { after: pageParam } : {}), ...(name ? { name } : {}) } },
          signal,
        }),
      ),
    getNextPageParam: (last) => last.next,
  });

export const userQuery = (user: string) =>
  queryOptions({
    queryKey: userKeys.user(user),
    queryFn: async ({ signal }) =>
      (await data(api.GET('/api/users/{user_id}', { params: { path: { user_id: user } }, signal }))).result,
  });

/** How many devices and consumers a user has, up to counted_max. */
export const possessionsQuery = (user: string) =>
  queryOptions({
    queryKey: [...userKeys.user(user), 'possessions'],
    queryFn: async ({ signal }) => {
      const params = { path: { user_id: user }, query: { limit: counted_max } };
      const [devices, consumers] = await Promise.all([
        data(api.GET('/api/users/{user_id}/devices', { params, signal })),
        data(api.GET('/api/users/{user_id}/consumers', { params, signal })),
      ]);
      return { devices: devices.result.length, consumers: consumers.result.length };
    },
    staleTime: 0,
  });
