import { Alert, Group, Loader, Stack, Text } from '@mantine/core';
import { IconCircleCheck } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { Sensor } from '@/api/client';
import { useLive, type LiveReading } from '@/api/live';
import { presenceQuery } from '@/api/things';
import { formatValue } from '@/base/format';
import { ButtonLink } from '@/components/links';
import { AgoText, TimeText } from '@/components/time-text';
import { useI18n } from '@/i18n';

/** Waits for what the sensor sends, and shows it at once; or why the platform refused it. */
export function FirstReading({ sensor }: { sensor: Sensor }) {
  const { language, messages } = useI18n();
  const { connect } = messages;
  const [opened] = useState(() => Date.now());
  const [come, setCome] = useState<{ count: number; newest: LiveReading }>();
  useLive([sensor.id], true, (readings) => {
    const newest = readings.at(-1);
    if (newest) setCome((present) => ({ count: (present?.count ?? 0) + readings.length, newest }));
  });
  const presence = useQuery({ ...presenceQuery(sensor.device_id), refetchInterval: 2_000 });
  const error = presence.data?.last_error;
  const errorAt = presence.data?.last_error_at;
  return (
    <Stack>
      <div role="status">
        {come ? (
          <Alert title={connect.arrived} icon={<IconCircleCheck aria-hidden />}>
            <Text size="xl" fw={600}>
              {formatValue(come.newest.value, sensor.unit, language)}
            </Text>
            <Text size="sm">
              {connect.measured} <TimeText time={come.newest.timestamp} />. {connect.received(come.count)}.
            </Text>
          </Alert>
        ) : (
          <Group wrap="nowrap">
            <Loader type="dots" size="sm" aria-label={connect.waitingShort} role="img" />
            <Text>{connect.waiting}</Text>
          </Group>
        )}
      </div>
      {error && errorAt && Date.parse(errorAt) >= opened && (
        <Alert color="red" title={connect.refused} role="alert">
          {error} (<AgoText time={errorAt} />)
        </Alert>
      )}
      {come && (
        <Group>
          <ButtonLink to="/devices/$device/sensors/$sensor" params={{ device: sensor.device_id, sensor: sensor.id }}>
            {connect.toSensor}
          </ButtonLink>
        </Group>
      )}
    </Stack>
  );
}
