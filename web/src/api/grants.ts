// Which sensors a consumer may read.
import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { api, data } from './client';
import { keys } from './things';

const page = 50;
/** The longest page that the API gives. */
const page_max = 1000;

export const grantsQuery = (consumer: string, name: string) =>
  infiniteQueryOptions({
    queryKey: [...keys.consumer(consumer), 'grants', name],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam, signal }) =>
      data(
        api.GET('/api/consumers/{consumer_id}/sensors', {
          params: {
            path: { consumer_id: consumer },
            query: { limit: page, ...(pageParam ? { after: pageParam } : {}), ...(name ? { name } : {}) },
          },
          signal,
        }),
      ),
    getNextPageParam: (last) => last.next,
  });

/** The ids of the first thousand; granting what is granted already changes nothing, so that more need not be known. */
export const grantedIdsQuery = (consumer: string) =>
  queryOptions({
    queryKey: [...keys.consumer(consumer), 'grants', 'ids'],
    queryFn: async ({ signal }) => {
      const { result } = await data(
        api.GET('/api/consumers/{consumer_id}/sensors', {
          params: { path: { consumer_id: consumer }, query: { limit: page_max } },
          signal,
        }),
      );
      return new Set(result.map((sensor) => sensor.id));
    },
  });

const pathOf = (consumer: string, sensor: string) => ({
  params: { path: { consumer_id: consumer, sensor_id: sensor } },
});

export function grant(consumer: string, sensor: string) {
  return data(api.POST('/api/consumers/{consumer_id}/sensors/{sensor_id}', pathOf(consumer, sensor)));
}

export function withdraw(consumer: string, sensor: string) {
  return data(api.DELETE('/api/consumers/{consumer_id}/sensors/{sensor_id}', pathOf(consumer, sensor)));
}
