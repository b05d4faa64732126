import { Stack, Table } from '@mantine/core';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { latestQuery, sensorsQuery } from '@/api/things';
import { formatValue } from '@/base/format';
import { TextLink } from '@/components/links';
import { Empty } from '@/components/states';
import { SearchField, ThingList, useSearch } from '@/components/thing-list';
import { AgoText } from '@/components/time-text';
import { useI18n } from '@/i18n';
import { SensorInfo } from '../sensors/sensor-info';

/** The sensors of a device with their newest values. */
export function DeviceSensors({ device }: { device: string }) {
  const { language, messages } = useI18n();
  const { common, devices, sensors } = messages;
  const search = useSearch();
  const query = useInfiniteQuery(sensorsQuery(device, search.searched));
  const latest = useQuery(latestQuery(device));
  const newest = new Map(latest.data?.result.map((each) => [each.sensor_id, each]));
  return (
    <Stack>
      <SearchField search={search} />
      <ThingList
        query={query}
        searched={search.searched}
        caption={devices.sensorCaption}
        columns={[common.name, sensors.latest, sensors.latestAt, sensors.path, sensors.type, sensors.ids]}
        row={(sensor) => {
          const reading = newest.get(sensor.id);
          return (
            <Table.Tr key={sensor.id}>
              <Table.Td>
                <TextLink
                  to="/devices/$device/sensors/$sensor"
                  params={{ device: sensor.device_id, sensor: sensor.id }}
                >
                  {sensor.name}
                </TextLink>
              </Table.Td>
              <Table.Td>{reading?.timestamp ? formatValue(reading.value, sensor.unit, language) : '–'}</Table.Td>
              <Table.Td>{reading?.timestamp ? <AgoText time={reading.timestamp} /> : '–'}</Table.Td>
              <Table.Td>{sensor.path}</Table.Td>
              <Table.Td>{sensor.mapping.type}</Table.Td>
              <Table.Td>
                <SensorInfo sensor={sensor} />
              </Table.Td>
            </Table.Tr>
          );
        }}
        empty={<Empty text={devices.noSensors} />}
      />
    </Stack>
  );
}
