import { Button, Stack, Table } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconPlus } from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useMayWrite } from '@/api/session';
import { consumersQuery } from '@/api/things';
import { useTell } from '@/app/notices';
import { Dialog } from '@/components/form';
import { TextLink } from '@/components/links';
import { Page } from '@/components/page';
import { Empty } from '@/components/states';
import { SearchField, ThingList, useSearch } from '@/components/thing-list';
import { TimeText } from '@/components/time-text';
import { useMessages } from '@/i18n';
import { ConsumerForm } from './consumer-form';

export function ConsumersPage() {
  const { common, consumers } = useMessages();
  const mayWrite = useMayWrite();
  const tell = useTell();
  const navigate = useNavigate();
  const search = useSearch();
  const query = useInfiniteQuery(consumersQuery(search.searched));
  const [isAdding, adding] = useDisclosure();
  return (
    <Page
      title={consumers.title}
      actions={
        mayWrite && (
          <Button leftSection={<IconPlus size={16} aria-hidden />} onClick={adding.open}>
            {consumers.add}
          </Button>
        )
      }
    >
      <Stack>
        <SearchField search={search} />
        <ThingList
          query={query}
          searched={search.searched}
          caption={consumers.caption}
          columns={[common.name, common.description, common.id, common.created]}
          row={(consumer) => (
            <Table.Tr key={consumer.id}>
              <Table.Td>
                <TextLink to="/consumers/$consumer" params={{ consumer: consumer.id }}>
                  {consumer.name}
                </TextLink>
              </Table.Td>
              <Table.Td className="cut">{consumer.description}</Table.Td>
              <Table.Td className="id">{consumer.id}</Table.Td>
              <Table.Td>
                <TimeText time={consumer.created} />
              </Table.Td>
            </Table.Tr>
          )}
          empty={<Empty text={consumers.none} />}
        />
      </Stack>
      <Dialog title={consumers.add} opened={isAdding} onClose={adding.close}>
        <ConsumerForm
          onCancel={adding.close}
          onSaved={(consumer) => {
            tell(consumers.added(consumer.name));
            void navigate({ to: '/consumers/$consumer', params: { consumer: consumer.id } });
          }}
        />
      </Dialog>
    </Page>
  );
}
