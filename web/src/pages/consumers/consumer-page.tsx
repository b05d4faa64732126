import { Button, SimpleGrid, Stack, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconPencil, IconTrash } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate, useParams } from '@tanstack/react-router';
import { api, data, type Consumer } from '@/api/client';
import { useMayWrite } from '@/api/session';
import { consumerQuery, keys } from '@/api/things';
import { useTell } from '@/app/notices';
import { ConfirmDelete } from '@/components/confirm-delete';
import { Dialog } from '@/components/form';
import { KeyCard } from '@/components/key-card';
import { Page } from '@/components/page';
import { LoadError, LoadingRows } from '@/components/states';
import { useMessages } from '@/i18n';
import { keyFile } from './commands';
import { ConsumerForm } from './consumer-form';
import { Grants } from './grants';
import { QueryExample } from './query-example';

export function ConsumerPage() {
  const { consumer: id } = useParams({ from: '/consumers/$consumer' });
  const query = useQuery(consumerQuery(id));
  if (query.isError) return <LoadError error={query.error} onRetry={() => void query.refetch()} />;
  if (!query.data) return <LoadingRows />;
  return <ConsumerView consumer={query.data} />;
}

function ConsumerView({ consumer }: { consumer: Consumer }) {
  const { common, consumers } = useMessages();
  const mayWrite = useMayWrite();
  const tell = useTell();
  const navigate = useNavigate();
  const client = useQueryClient();
  const [isEditing, editing] = useDisclosure();
  const [isDeleting, deleting] = useDisclosure();
  const path = { consumer_id: consumer.id };
  return (
    <Page
      title={consumer.name}
      above={[{ to: '/consumers', label: consumers.title }]}
      actions={
        mayWrite && (
          <>
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
        {consumer.description && <Text className="written">{consumer.description}</Text>}
        <Grants consumer={consumer} />
        <SimpleGrid cols={{ base: 1, md: 2 }}>
          <KeyCard
            title={consumers.key}
            hint={consumers.keyHint}
            download={consumers.downloadKey}
            fileName={keyFile(consumer.id)}
            load={() => data(api.GET('/api/consumers/{consumer_id}/key', { params: { path } }))}
            {...(mayWrite && {
              rotation: {
                label: consumers.rotateKey,
                loss: consumers.rotateLoss,
                done: consumers.rotated,
                name: consumer.name,
                rotate: () => data(api.POST('/api/consumers/{consumer_id}/key/rotate', { params: { path } })),
              },
            })}
          />
          <QueryExample consumer={consumer.id} />
        </SimpleGrid>
      </Stack>
      <Dialog title={consumers.edit} opened={isEditing} onClose={editing.close}>
        <ConsumerForm
          consumer={consumer}
          onCancel={editing.close}
          onSaved={() => {
            editing.close();
            tell(common.saved);
          }}
        />
      </Dialog>
      <ConfirmDelete
        title={consumers.delete}
        name={consumer.name}
        opened={isDeleting}
        onClose={deleting.close}
        remove={() => data(api.DELETE('/api/consumers/{consumer_id}', { params: { path } }))}
        onRemoved={() => {
          tell(consumers.deleted(consumer.name));
          void navigate({ to: '/consumers' });
          client.removeQueries({ queryKey: keys.consumer(consumer.id) });
          void client.invalidateQueries({ queryKey: keys.consumers });
        }}
      >
        {consumers.deleteLoss}
      </ConfirmDelete>
    </Page>
  );
}
