import { Alert, Button, Group, Paper, Stack, Table, Title } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconPlus } from '@tabler/icons-react';
import { useInfiniteQuery, useMutation, useQueries, useQueryClient } from '@tanstack/react-query';
import type { Consumer, Sensor } from '@/api/client';
import { grantsQuery, withdraw } from '@/api/grants';
import { useMayWrite } from '@/api/session';
import { deviceQuery, keys } from '@/api/things';
import { useTell } from '@/app/notices';
import { Dialog } from '@/components/form';
import { TextLink } from '@/components/links';
import { Empty } from '@/components/states';
import { SearchField, ThingList, useSearch } from '@/components/thing-list';
import { useMessages } from '@/i18n';
import { GrantForm } from './grant-form';

/** The sensors that the consumer may read; granting more, withdrawing. */
export function Grants({ consumer }: { consumer: Consumer }) {
  const { common, consumers } = useMessages();
  const mayWrite = useMayWrite();
  const tell = useTell();
  const client = useQueryClient();
  const search = useSearch();
  const [isGranting, granting] = useDisclosure();
  const query = useInfiniteQuery(grantsQuery(consumer.id, search.searched));
  const nameOf = useDeviceNames(query.data?.pages.flatMap((page) => page.result) ?? []);
  const withdrawing = useMutation({
    mutationFn: (sensor: Sensor) => withdraw(consumer.id, sensor.id),
    onSuccess: (_, sensor) => {
      tell(consumers.withdrawn(sensor.name));
      return client.invalidateQueries({ queryKey: keys.consumer(consumer.id) });
    },
  });
  return (
    <Paper withBorder p="md">
      <Stack>
        <Group justify="space-between">
          <Title order={2} size="h4">
            {consumers.grants}
          </Title>
          {mayWrite && (
            <Button leftSection={<IconPlus size={16} aria-hidden />} onClick={granting.open}>
              {consumers.grant}
            </Button>
          )}
        </Group>
        <SearchField search={search} />
        {withdrawing.error && (
          <Alert color="red" role="alert">
            {withdrawing.error.message}
          </Alert>
        )}
        <ThingList
          query={query}
          searched={search.searched}
          caption={consumers.grantsCaption}
          columns={[
            consumers.sensor,
            consumers.device,
            consumers.path,
            consumers.unit,
            ...(mayWrite ? [common.actions] : []),
          ]}
          row={(sensor) => (
            <Table.Tr key={sensor.id}>
              <Table.Td>
                <TextLink
                  to="/devices/$device/sensors/$sensor"
                  params={{ device: sensor.device_id, sensor: sensor.id }}
                >
                  {sensor.name}
                </TextLink>
              </Table.Td>
              <Table.Td>
                <TextLink to="/devices/$device" params={{ device: sensor.device_id }}>
                  {nameOf(sensor.device_id)}
                </TextLink>
              </Table.Td>
              <Table.Td>{sensor.path}</Table.Td>
              <Table.Td>{sensor.unit}</Table.Td>
              {mayWrite && (
                <Table.Td>
                  <Button
                    size="compact-sm"
                    variant="default"
                    aria-label={consumers.withdrawOf(sensor.name)}
                    loading={withdrawing.isPending && withdrawing.variables.id === sensor.id}
                    onClick={() => withdrawing.mutate(sensor)}
                  >
                    {consumers.withdraw}
                  </Button>
                </Table.Td>
              )}
            </Table.Tr>
          )}
          empty={<Empty text={consumers.noGrants} />}
        />
      </Stack>
      <Dialog title={consumers.grantTo(consumer.name)} opened={isGranting} onClose={granting.close} size="lg">
        <GrantForm consumer={consumer} onDone={granting.close} />
      </Dialog>
    </Paper>
  );
}

/** Sensors come with their device's id alone. It is shown where the name is not (yet) there, or not this user's to see. */
function useDeviceNames(sensors: Sensor[]): (device: string) => string {
  const ids = [...new Set(sensors.map((sensor) => sensor.device_id))];
  const names = useQueries({
    queries: ids.map((id) => ({ ...deviceQuery(id), staleTime: 60_000 })),
    combine: (answers) => new Map(answers.flatMap(({ data }) => (data ? [[data.id, data.name]] : []))),
  });
  return (device) => names.get(device) ?? device;
}
