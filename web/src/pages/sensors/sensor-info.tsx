import { ActionIcon, Group, Popover, Stack, Text } from '@mantine/core';
import { IconInfoCircle } from '@tabler/icons-react';
import type { Sensor } from '@/api/client';
import { indexOf } from '@/api/elasticsearch';
import { CopyButton } from '@/components/copy';
import { useMessages } from '@/i18n';

/** The icon that shows what a device and a query need to name the sensor. */
export function SensorInfo({ sensor }: { sensor: Sensor }) {
  const { sensors } = useMessages();
  const rows = [
    { label: sensors.sensorId, text: sensor.id },
    { label: sensors.deviceId, text: sensor.device_id },
    { label: sensors.index, text: indexOf(sensor.device_id, sensor.id) },
  ];
  return (
    <Popover position="bottom" withArrow shadow="md" trapFocus returnFocus>
      <Popover.Target>
        <ActionIcon variant="subtle" aria-label={sensors.info(sensor.name)}>
          <IconInfoCircle size={18} aria-hidden />
        </ActionIcon>
      </Popover.Target>
      <Popover.Dropdown aria-label={sensors.info(sensor.name)}>
        <Stack gap={4}>
          <Text size="sm" className="quiet" maw="18rem">
            {sensors.infoHint}
          </Text>
          {rows.map(({ label, text }) => (
            <Group key={label} justify="space-between" wrap="nowrap">
              <Text size="sm">{label}</Text>
              <Group gap={4} wrap="nowrap">
                <Text className="id">{text}</Text>
                <CopyButton text={text} what={label} />
              </Group>
            </Group>
          ))}
        </Stack>
      </Popover.Dropdown>
    </Popover>
  );
}
