import { Button, Stack, Table } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconPlus } from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useMayWrite } from '@/api/session';
import { devicesQuery } from '@/api/things';
import { useTell } from '@/app/notices';
import { Dialog } from '@/components/form';
import { ButtonLink, TextLink } from '@/components/links';
import { Page } from '@/components/page';
import { Empty } from '@/components/states';
import { SearchField, ThingList, useSearch } from '@/components/thing-list';
import { TimeText } from '@/components/time-text';
import { useMessages } from '@/i18n';
import { DeviceForm } from './device-form';

/** So many sensors are shown with each device of a list; more are counted on the device's page. */
const sensors_listed_max = 100;

export function DevicesPage() {
  const { common, devices } = useMessages();
  const mayWrite = useMayWrite();
  const tell = useTell();
  const navigate = useNavigate();
  const search = useSearch();
  const query = useInfiniteQuery(devicesQuery(search.searched));
  const [isAdding, adding] = useDisclosure();
  return (
    <Page
      title={devices.title}
      actions={
        mayWrite && (
          <Button leftSection={<IconPlus size={16} aria-hidden />} onClick={adding.open}>
            {devices.add}
          </Button>
        )
      }
    >
      <Stack>
        <SearchField search={search} />
        <ThingList
          query={query}
          searched={search.searched}
          caption={devices.caption}
          columns={[common.name, devices.sensors, common.id, common.created]}
          row={(device) => (
            <Table.Tr key={device.id}>
              <Table.Td>
                <TextLink to="/devices/$device" params={{ device: device.id }}>
                  {device.name}
                </TextLink>
              </Table.Td>
              <Table.Td>
                {(device.sensors?.length ?? 0) >= sensors_listed_max
                  ? devices.manySensors(sensors_listed_max)
                  : (device.sensors?.length ?? 0)}
              </Table.Td>
              <Table.Td className="id">{device.id}</Table.Td>
              <Table.Td>
                <TimeText time={device.created} />
              </Table.Td>
            </Table.Tr>
          )}
          empty={
            <Empty text={devices.none}>
              {mayWrite && <ButtonLink to="/connect">{devices.connectFirst}</ButtonLink>}
            </Empty>
          }
        />
      </Stack>
      <Dialog title={devices.add} opened={isAdding} onClose={adding.close}>
        <DeviceForm
          onCancel={adding.close}
          onSaved={(device) => {
            tell(devices.added(device.name));
            void navigate({ to: '/devices/$device', params: { device: device.id } });
          }}
        />
      </Dialog>
    </Page>
  );
}
