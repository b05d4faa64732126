import { Badge, Button, Paper, SimpleGrid, Stack, Tabs, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconPencil, IconPlus, IconTrash } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate, useParams } from '@tanstack/react-router';
import { api, data, type Device } from '@/api/client';
import { useMayWrite } from '@/api/session';
import { deviceQuery, keys, presenceQuery } from '@/api/things';
import { useTell } from '@/app/notices';
import { formatDuration } from '@/base/format';
import { ConfirmDelete } from '@/components/confirm-delete';
import { Facts } from '@/components/facts';
import { Dialog } from '@/components/form';
import { KeyCard } from '@/components/key-card';
import { Page, PageError } from '@/components/page';
import { LoadingRows } from '@/components/states';
import { AgoText, TimeText } from '@/components/time-text';
import { useMessages } from '@/i18n';
import { SensorForm } from '../sensors/sensor-form';
import { DeviceForm } from './device-form';
import { DeviceSensors } from './device-sensors';
import { DeviceTree } from './device-tree';

export function DevicePage() {
  const { device: id } = useParams({ from: '/devices/$device' });
  const query = useQuery(deviceQuery(id));
  if (query.isError) return <PageError error={query.error} onRetry={() => void query.refetch()} />;
  if (!query.data) return <LoadingRows />;
  return <DeviceView device={query.data} />;
}

/** So many sensors are answered with the device; whether there are more is not said. */
const sensors_shown_max = 100;

function DeviceView({ device }: { device: Device }) {
  const { common, devices } = useMessages();
  const mayWrite = useMayWrite();
  const tell = useTell();
  const navigate = useNavigate();
  const client = useQueryClient();
  const [isEditing, editing] = useDisclosure();
  const [isDeleting, deleting] = useDisclosure();
  const [isAdding, adding] = useDisclosure();
  const path = { device_id: device.id };
  const sensorCount = device.sensors?.length ?? 0;
  return (
    <Page
      title={device.name}
      above={[{ to: '/devices', label: devices.title }]}
      actions={
        mayWrite && (
          <>
            <Button leftSection={<IconPlus size={16} aria-hidden />} onClick={adding.open}>
              {devices.addSensor}
            </Button>
            <Button variant="default" leftSection={<IconPencil size={16} aria-hidden />} onClick={editing.open}>
              {common.edit}
            </Button>
            <Button variant="default" leftSection={<IconTrash size={16} aria-hidden />} onClick={deleting.open}>
              {common.delete}
            </Button>
          </>
        )
      }
    >
      <Stack>
        {device.description && <Text>{device.description}</Text>}
        <Tabs defaultValue="sensors" keepMounted={false}>
          <Tabs.List>
            <Tabs.Tab value="sensors">{devices.sensors}</Tabs.Tab>
            <Tabs.Tab value="tree">{devices.tree}</Tabs.Tab>
          </Tabs.List>
          <Tabs.Panel value="sensors" pt="md">
            <DeviceSensors device={device.id} />
          </Tabs.Panel>
          <Tabs.Panel value="tree" pt="md">
            <DeviceTree device={device.id} />
          </Tabs.Panel>
        </Tabs>
        <SimpleGrid cols={{ base: 1, md: 2 }}>
          <DeviceState device={device} />
          {mayWrite && (
            <KeyCard
              title={devices.key}
              hint={devices.keyHint}
              download={devices.downloadKey}
              fileName={`device-${device.id}-key.json`}
              load={() => data(api.GET('/api/devices/{device_id}/key', { params: { path } }))}
              rotation={{
                label: devices.rotateKey,
                loss: devices.rotateLoss,
                done: devices.rotated,
                name: device.name,
                rotate: () => data(api.POST('/api/devices/{device_id}/key/rotate', { params: { path } })),
              }}
            />
          )}
        </SimpleGrid>
      </Stack>
      <Dialog title={devices.addSensor} opened={isAdding} onClose={adding.close}>
        <SensorForm
          device={device.id}
          onCancel={adding.close}
          onSaved={(sensor) => {
            adding.close();
            tell(devices.added(sensor.name));
          }}
        />
      </Dialog>
      <Dialog title={devices.edit} opened={isEditing} onClose={editing.close}>
        <DeviceForm
          device={device}
          onCancel={editing.close}
          onSaved={() => {
            editing.close();
            tell(common.saved);
          }}
        />
      </Dialog>
      <ConfirmDelete
        title={devices.delete}
        name={device.name}
        opened={isDeleting}
        onClose={deleting.close}
        remove={() => data(api.DELETE('/api/devices/{device_id}', { params: { path } }))}
        onRemoved={() => {
          tell(devices.deleted(device.name));
          void navigate({ to: '/devices' });
          client.removeQueries({ queryKey: keys.device(device.id) });
          void client.invalidateQueries({ queryKey: keys.devices });
        }}
      >
        {sensorCount < sensors_shown_max ? devices.deleteLoss(sensorCount) : devices.deleteLossMany}
      </ConfirmDelete>
    </Page>
  );
}

function DeviceState({ device }: { device: Device }) {
  const { common, devices, sensors } = useMessages();
  const presence = useQuery(presenceQuery(device.id));
  const state = presence.data;
  const [color, text] = state?.connected
    ? (['green', devices.connected] as const)
    : state?.silent_since
      ? (['red', devices.silent] as const)
      : (['gray', devices.notConnected] as const);
  const rows = [
    {
      label: devices.state,
      content: state && (
        <Badge color={color} variant="light" autoContrast>
          {text}
        </Badge>
      ),
    },
    {
      label: devices.lastSeen,
      content: state && (state.last_seen ? <AgoText time={state.last_seen} /> : devices.never),
    },
    ...(state?.last_error
      ? [
          {
            label: devices.lastError,
            content: (
              <>
                {state.last_error} {state.last_error_at && <AgoText time={state.last_error_at} />}
              </>
            ),
          },
        ]
      : []),
    { label: common.id, content: <span className="id">{device.id}</span> },
    { label: common.created, content: <TimeText time={device.created} /> },
    { label: sensors.kept, content: device.retention ? formatDuration(device.retention) : sensors.keptForever },
    ...(device.silent_after_s === null
      ? []
      : [{ label: devices.silentAfter, content: formatDuration(device.silent_after_s) }]),
  ];
  return (
    <Paper withBorder p="md">
      <Facts rows={rows} />
    </Paper>
  );
}
