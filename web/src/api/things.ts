// Devices, sensors, consumers: how they are asked for, so that every page shares what was answered.
import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { api, data } from './client';

const page = 50;

export const keys = {
  devices: ['devices'] as const,
  device: (device: string) => ['devices', device] as const,
  consumers: ['consumers'] as const,
  consumer: (consumer: string) => ['consumers', consumer] as const,
};

export const devicesQuery = (name: string) =>
  infiniteQueryOptions({
    queryKey: [...keys.devices, 'list', name],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam, signal }) =>
      data(
        api.GET('/api/devices', {
          params: { query: { limit: page, ...(pageParam ? { after: pageParam } : {}), ...(name ? { name } : {}) } },
          signal,
        }),
      ),
    getNextPageParam: (last) => last.next,
  });

export const deviceQuery = (device: string) =>
  queryOptions({
    queryKey: keys.device(device),
    queryFn: async ({ signal }) =>
      (await data(api.GET('/api/devices/{device_id}', { params: { path: { device_id: device } }, signal }))).result,
  });

export const sensorsQuery = (device: string, name: string) =>
  infiniteQueryOptions({
    queryKey: [...keys.device(device), 'sensors', name],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam, signal }) =>
      data(
        api.GET('/api/devices/{device_id}/sensors', {
          params: {
            path: { device_id: device },
            query: { limit: page, ...(pageParam ? { after: pageParam } : {}), ...(name ? { name } : {}) },
          },
          signal,
        }),
      ),
    getNextPageParam: (last) => last.next,
  });

export const sensorQuery = (device: string, sensor: string) =>
  queryOptions({
    queryKey: [...keys.device(device), 'sensor', sensor],
    queryFn: async ({ signal }) =>
      (
        await data(
          api.GET('/api/devices/{device_id}/sensors/{sensor_id}', {
            params: { path: { device_id: device, sensor_id: sensor } },
            signal,
          }),
        )
      ).result,
  });

export const treeQuery = (device: string) =>
  queryOptions({
    queryKey: [...keys.device(device), 'tree'],
    queryFn: async ({ signal }) =>
      (await data(api.GET('/api/devices/{device_id}/tree', { params: { path: { device_id: device } }, signal })))
        .result,
  });

export const latestQuery = (device: string) =>
  queryOptions({
    queryKey: [...keys.device(device), 'latest'],
    queryFn: ({ signal }) =>
      data(
        api.GET('/api/devices/{device_id}/latest', {
          params: { path: { device_id: device }, query: { limit: 1000 } },
          signal,
        }),
      ),
    refetchInterval: 5_000,
  });

export const presenceQuery = (device: string) =>
  queryOptions({
    queryKey: [...keys.device(device), 'presence'],
    queryFn: async ({ signal }) =>
      (await data(api.GET('/api/devices/{device_id}/presence', { params: { path: { device_id: device } }, signal })))
        .result,
    refetchInterval: 5_000,
  });

export const consumersQuery = (name: string) =>
  infiniteQueryOptions({
    queryKey: [...keys.consumers, 'list', name],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam, signal }) =>
      data(
        api.GET('/api/consumers', {
          params: { query: { limit: page, ...(pageParam ? { after: pageParam } : {}), ...(name ? { name } : {}) } },
          signal,
        }),
      ),
    getNextPageParam: (last) => last.next,
  });

export const consumerQuery = (consumer: string) =>
  queryOptions({
    queryKey: keys.consumer(consumer),
    queryFn: async ({ signal }) =>
      (await data(api.GET('/api/consumers/{consumer_id}', { params: { path: { consumer_id: consumer } }, signal })))
        .result,
  });
