import { Alert, Button, Checkbox, Group, Stack, Table, Text } from '@mantine/core';
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { Consumer, Sensor } from '@/api/client';
import { grant, grantedIdsQuery } from '@/api/grants';
import { keys, sensorsQuery } from '@/api/things';
import { useTell } from '@/app/notices';
import { DeviceSelect } from '@/components/device-select';
import { Empty } from '@/components/states';
import { SearchField, ThingList, useSearch } from '@/components/thing-list';
import { useMessages } from '@/i18n';

interface GrantFormProps {
  consumer: Consumer;
  onDone: () => void;
}

/** A device, then some of its sensors. What was chosen of one device stays chosen while another is looked at. */
export function GrantForm({ consumer, onDone }: GrantFormProps) {
  const { common, consumers } = useMessages();
  const tell = useTell();
  const client = useQueryClient();
  const [device, setDevice] = useState<{ id: string; name: string } | null>(null);
  const [chosen, setChosen] = useState<ReadonlyMap<string, Sensor>>(new Map());
  const choose = (sensors: Sensor[], isChosen: boolean) =>
    setChosen((present) => {
      const next = new Map(present);
      for (const sensor of sensors) {
        if (isChosen) next.set(sensor.id, sensor);
        else next.delete(sensor.id);
      }
      return next;
    });
  const granting = useMutation({
    mutationFn: async () => {
      const sensors = [...chosen.values()];
      try {
        for (const sensor of sensors) {
          await grant(consumer.id, sensor.id).catch((error: Error) => {
            throw new Error(consumers.grantFailed(sensor.name, error.message));
          });
          // What is done need not be done again where a later one fails.
          choose([sensor], false);
        }
      } finally {
        await client.invalidateQueries({ queryKey: keys.consumer(consumer.id) });
      }
      return sensors.length;
    },
    onSuccess: (count) => {
      tell(consumers.granted(count));
      onDone();
    },
  });
  return (
    <Stack>
      <DeviceSelect chosen={device} onChosen={setDevice} />
      {device && <SensorChoice key={device.id} {...{ consumer, device: device.id, chosen, choose }} />}
      {granting.error && (
        <Alert color="red" role="alert">
          {granting.error.message}
        </Alert>
      )}
      <Group justify="flex-end">
        <Button variant="default" onClick={onDone}>
          {common.cancel}
        </Button>
        <Button disabled={chosen.size === 0} loading={granting.isPending} onClick={() => granting.mutate()}>
          {chosen.size === 0 ? consumers.grant : consumers.grantChosen(chosen.size)}
        </Button>
      </Group>
    </Stack>
  );
}

interface SensorChoiceProps {
  consumer: Consumer;
  device: string;
  chosen: ReadonlyMap<string, Sensor>;
  choose: (sensors: Sensor[], isChosen: boolean) => void;
}

function SensorChoice({ consumer, device, chosen, choose }: SensorChoiceProps) {
  const { devices, consumers } = useMessages();
  const search = useSearch();
  const query = useInfiniteQuery(sensorsQuery(device, search.searched));
  const granted = useQuery(grantedIdsQuery(consumer.id));
  const open = (query.data?.pages.flatMap((page) => page.result) ?? []).filter(({ id }) => !granted.data?.has(id));
  const chosenHere = open.filter(({ id }) => chosen.has(id)).length;
  return (
    <Stack gap="xs">
      <SearchField search={search} />
      <ThingList
        query={query}
        searched={search.searched}
        caption={consumers.chooseSensors}
        columns={[
          <Checkbox
            key="all"
            aria-label={consumers.chooseAll}
            disabled={open.length === 0}
            checked={open.length > 0 && chosenHere === open.length}
            indeterminate={chosenHere > 0 && chosenHere < open.length}
            onChange={(event) => choose(open, event.currentTarget.checked)}
          />,
          consumers.sensor,
          consumers.path,
          consumers.unit,
        ]}
        row={(sensor) => {
          const isGranted = granted.data?.has(sensor.id) ?? false;
          return (
            <Table.Tr key={sensor.id}>
              <Table.Td>
                <Checkbox
                  aria-label={sensor.name}
                  disabled={isGranted}
                  checked={isGranted || chosen.has(sensor.id)}
                  onChange={(event) => choose([sensor], event.currentTarget.checked)}
                />
              </Table.Td>
              <Table.Td>
                {sensor.name}
                {isGranted && (
                  <Text span size="sm" className="quiet">
                    {` (${consumers.isGranted})`}
                  </Text>
                )}
              </Table.Td>
              <Table.Td>{sensor.path}</Table.Td>
              <Table.Td>{sensor.unit}</Table.Td>
            </Table.Tr>
          );
        }}
        empty={<Empty text={devices.noSensors} />}
      />
    </Stack>
  );
}
