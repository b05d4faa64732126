// The tree of a device's paths; sensors are moved by dragging, or by a dialog.
import { Button, Group, Stack, Text, TextInput } from '@mantine/core';
import { IconFolder } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState, type DragEvent } from 'react';
import { api, ApiError, data, type Sensor, type TreeNode } from '@/api/client';
import { useMayWrite } from '@/api/session';
import { keys, treeQuery } from '@/api/things';
import { useTell } from '@/app/notices';
import { Dialog, FormBody, useForm } from '@/components/form';
import { TextLink } from '@/components/links';
import { Empty, LoadError, LoadingRows } from '@/components/states';
import { useMessages } from '@/i18n';
import classes from './device-tree.module.css';

const dragged_type = 'application/x-iotplatform-sensor';

async function moveSensor(sensor: Sensor, path: string): Promise<unknown> {
  return data(
    api.PATCH('/api/devices/{device_id}/sensors/{sensor_id}', {
      params: { path: { device_id: sensor.device_id, sensor_id: sensor.id } },
      body: { path },
    }),
  );
}

export function DeviceTree({ device }: { device: string }) {
  const { devices } = useMessages();
  const mayWrite = useMayWrite();
  const query = useQuery(treeQuery(device));
  if (query.isError) {
    return query.error instanceof ApiError && query.error.status === 413 ? (
      <Empty text={devices.treeTooLarge} />
    ) : (
      <LoadError error={query.error} onRetry={() => void query.refetch()} />
    );
  }
  if (!query.data) return <LoadingRows />;
  const root = query.data;
  if (root.sensors.length === 0 && root.paths.length === 0) return <Empty text={devices.noSensors} />;
  return (
    <Stack>
      {mayWrite && <Text className="quiet">{devices.treeHint}</Text>}
      <Branch node={root} name={devices.treeRoot} path="" sensors={sensorsBelow(root)} device={device} />
    </Stack>
  );
}

/** All sensors of the tree, to find the dragged one. */
function sensorsBelow(node: TreeNode): Map<string, Sensor> {
  const found = new Map(node.sensors.map((sensor) => [sensor.id, sensor]));
  for (const child of node.paths) for (const [id, sensor] of sensorsBelow(child)) found.set(id, sensor);
  return found;
}

interface BranchProps {
  node: TreeNode;
  name: string;
  path: string;
  sensors: Map<string, Sensor>;
  device: string;
}

function Branch({ node, name, path, sensors, device }: BranchProps) {
  const { devices } = useMessages();
  const mayWrite = useMayWrite();
  const tell = useTell();
  const client = useQueryClient();
  const [isOver, setOver] = useState(false);
  const [moved, setMoved] = useState<Sensor>();
  const moving = useMutation({
    mutationFn: (sensor: Sensor) => moveSensor(sensor, path),
    onSuccess: async (_, sensor) => {
      tell(devices.moved(sensor.name, path || devices.treeRoot));
      await client.invalidateQueries({ queryKey: keys.device(device) });
    },
    onError: (error) => tell(error.message),
  });
  const over = (event: DragEvent) => {
    if (!event.dataTransfer.types.includes(dragged_type)) return;
    event.preventDefault();
    event.stopPropagation();
    setOver(true);
  };
  const drop = (event: DragEvent) => {
    const sensor = sensors.get(event.dataTransfer.getData(dragged_type));
    setOver(false);
    if (!sensor) return;
    event.preventDefault();
    event.stopPropagation();
    if (sensor.path !== path) moving.mutate(sensor);
  };
  return (
    // Dragging is for the mouse; the button does the same for all.
    // eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions
    <section
      aria-label={path || name}
      className={classes.branch}
      data-over={isOver || undefined}
      onDragOver={mayWrite ? over : undefined}
      onDragLeave={() => setOver(false)}
      onDrop={mayWrite ? drop : undefined}
    >
      <Group gap="xs">
        <IconFolder size={18} aria-hidden />
        <Text fw={600}>{name}</Text>
      </Group>
      <ul className={classes.list}>
        {node.paths.map((child) => {
          const below = path ? `${path}/${child.name}` : (child.name ?? '');
          return (
            <li key={below}>
              <Branch node={child} name={child.name ?? ''} path={below} sensors={sensors} device={device} />
            </li>
          );
        })}
        {node.sensors.map((sensor) => (
          // eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions
          <li
            key={sensor.id}
            draggable={mayWrite}
            className={classes.sensor}
            onDragStart={(event) => {
              event.dataTransfer.setData(dragged_type, sensor.id);
              event.dataTransfer.effectAllowed = 'move';
              event.stopPropagation();
            }}
          >
            <Group justify="space-between" wrap="nowrap">
              <TextLink to="/devices/$device/sensors/$sensor" params={{ device: sensor.device_id, sensor: sensor.id }}>
                {sensor.name}
              </TextLink>
              {mayWrite && (
                <Button
                  size="compact-sm"
                  variant="subtle"
                  aria-label={devices.moveTitle(sensor.name)}
                  onClick={() => setMoved(sensor)}
                >
                  {devices.move}
                </Button>
              )}
            </Group>
          </li>
        ))}
      </ul>
      <Dialog
        title={moved ? devices.moveTitle(moved.name) : ''}
        opened={moved !== undefined}
        onClose={() => setMoved(undefined)}
      >
        {moved && <MoveForm sensor={moved} onDone={() => setMoved(undefined)} />}
      </Dialog>
    </section>
  );
}

function MoveForm({ sensor, onDone }: { sensor: Sensor; onDone: () => void }) {
  const { devices } = useMessages();
  const tell = useTell();
  const client = useQueryClient();
  const form = useForm({
    draft: `sensor.move.${sensor.id}`,
    initial: { path: sensor.path },
    save: async ({ path }) => {
      await moveSensor(sensor, path);
      tell(devices.moved(sensor.name, path || devices.treeRoot));
      await client.invalidateQueries({ queryKey: keys.device(sensor.device_id) });
      onDone();
    },
  });
  return (
    <FormBody form={form} onCancel={onDone} saveLabel={devices.move}>
      <TextInput label={devices.path} description={devices.pathHint} data-autofocus {...form.field('path')} />
    </FormBody>
  );
}
