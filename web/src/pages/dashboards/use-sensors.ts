// The sensors of a panel: those it names, or those of a variable's device that its path fits.
import { useQuery } from '@tanstack/react-query';
import { api, data, type Sensor } from '@/api/client';
import { keys } from '@/api/things';
import { sensors_max, type DashboardDocument, type Panel } from './document';
import type { SensorRef } from './panels/readings';
import { deviceOf, fits, pathOf, substitute } from './variables';

const asked_max = 1_000;

export interface PanelSensors {
  sensors: SensorRef[];
  isPending: boolean;
  error: Error | null;
  /** A variable that has no value yet. */
  needsDevice: boolean;
}

export function refOf(sensor: Sensor): SensorRef {
  return { index: `${sensor.device_id}_${sensor.id}`, name: pathOf(sensor), unit: sensor.unit };
}

export function useSensors(panel: Panel, document: DashboardDocument, values: Record<string, string>): PanelSensors {
  const device = panel.device === undefined ? '' : deviceOf(panel.device, document.variables, values);
  const query = useQuery({
    queryKey: [...keys.device(device), 'sensors-of-panels'],
    queryFn: ({ signal }) =>
      data(
        api.GET('/api/devices/{device_id}/sensors', {
          params: { path: { device_id: device }, query: { limit: asked_max } },
          signal,
        }),
      ),
    enabled: device !== '',
    staleTime: 60_000,
  });
  if (panel.device === undefined) {
    const sensors = panel.sensors.map((index) => ({
      index,
      name: panel.labels?.[index]?.name || index,
      unit: panel.labels?.[index]?.unit ?? '',
    }));
    return { sensors, isPending: false, error: null, needsDevice: false };
  }
  const pattern = substitute(panel.path ?? '**', values);
  const found = (query.data?.result ?? []).filter((sensor) => fits(pattern, pathOf(sensor)));
  return {
    sensors: found.slice(0, sensors_max).map(refOf),
    isPending: query.isPending && device !== '',
    error: query.error,
    needsDevice: device === '',
  };
}
