import { Alert, Button, Group, Paper, SegmentedControl, Stack, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useState, type ReactNode } from 'react';
import type { Sensor } from '@/api/client';
import { useMayWrite } from '@/api/session';
import { deviceQuery, sensorQuery } from '@/api/things';
import { DeviceSelect } from '@/components/device-select';
import { Page } from '@/components/page';
import { LoadError, LoadingRows } from '@/components/states';
import { useMessages } from '@/i18n';
import { FirstReading } from './first-reading';
import { NewDeviceForm } from './new-device-form';
import { Program } from './program';
import { SensorSelect } from './sensor-select';

/** From nothing to the first reading. What was chosen is in the address, so that the page can be loaded again. */
export function ConnectPage() {
  const { connect } = useMessages();
  const mayWrite = useMayWrite();
  const { device, sensor } = useSearch({ from: '/connect' });
  return (
    <Page title={connect.title}>
      {!mayWrite ? (
        <Alert>{connect.readOnly}</Alert>
      ) : device && sensor ? (
        <Chosen device={device} sensor={sensor} />
      ) : (
        <Stack maw="60rem">
          <Text>{connect.intro}</Text>
          <Choice />
          <Step title={connect.step2}>
            <Text className="quiet">{connect.thenFirst}</Text>
          </Step>
        </Stack>
      )}
    </Page>
  );
}

function Step({ title, children }: { title: string; children: ReactNode }) {
  return (
    <Paper withBorder p="md" component="section">
      <Stack>
        <Title order={2} size="h4">
          {title}
        </Title>
        {children}
      </Stack>
    </Paper>
  );
}

function Choice() {
  const { connect } = useMessages();
  const navigate = useNavigate();
  const [isNew, setNew] = useState(true);
  const [device, setDevice] = useState<{ id: string; name: string } | null>(null);
  const choose = (sensor: Sensor) =>
    void navigate({ to: '/connect', search: { device: sensor.device_id, sensor: sensor.id } });
  return (
    <Step title={connect.step1}>
      <SegmentedControl
        aria-label={connect.which}
        value={isNew ? 'new' : 'present'}
        onChange={(value) => setNew(value === 'new')}
        data={[
          { value: 'new', label: connect.newDevice },
          { value: 'present', label: connect.present },
        ]}
      />
      {isNew ? (
        <NewDeviceForm onMade={choose} />
      ) : (
        <>
          <DeviceSelect chosen={device} onChosen={setDevice} />
          {device && <SensorSelect key={device.id} device={device.id} onChosen={choose} />}
        </>
      )}
    </Step>
  );
}

function Chosen({ device: deviceId, sensor: sensorId }: { device: string; sensor: string }) {
  const { connect } = useMessages();
  const navigate = useNavigate();
  const device = useQuery(deviceQuery(deviceId));
  const sensor = useQuery(sensorQuery(deviceId, sensorId));
  const error = device.error ?? sensor.error;
  return (
    <Stack maw="60rem">
      <Step title={connect.step1}>
        <Group justify="space-between">
          <Text>{device.data && sensor.data && connect.chosen(device.data.name, sensor.data.name)}</Text>
          <Button variant="default" onClick={() => void navigate({ to: '/connect' })}>
            {connect.chooseAnother}
          </Button>
        </Group>
      </Step>
      {error ? (
        <LoadError error={error} />
      ) : !sensor.data ? (
        <LoadingRows rows={8} />
      ) : (
        <>
          <Step title={connect.step2}>
            <Program sensor={sensor.data} />
          </Step>
          <Step title={connect.step3}>
            <FirstReading sensor={sensor.data} />
          </Step>
        </>
      )}
    </Stack>
  );
}
