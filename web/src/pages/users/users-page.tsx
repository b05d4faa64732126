import { ActionIcon, Alert, Button, Group, Stack, Table, Tooltip } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconPencil, IconPlus, IconTrash } from '@tabler/icons-react';
import { useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, data, type User } from '@/api/client';
import { useUser } from '@/api/session';
import { counted_max, possessionsQuery, usersQuery } from '@/api/users';
import { useTell } from '@/app/notices';
import { ConfirmDelete } from '@/components/confirm-delete';
import { Dialog } from '@/components/form';
import { Page } from '@/components/page';
import { Empty } from '@/components/states';
import { SearchField, ThingList, useSearch } from '@/components/thing-list';
import { TimeText } from '@/components/time-text';
import { useMessages } from '@/i18n';
import { root_id } from './root';
import { UserForm } from './user-form';

export function UsersPage() {
  const { users } = useMessages();
  if (useUser().role !== 'admin') {
    return (
      <Page title={users.title}>
        <Alert>{users.adminsOnly}</Alert>
      </Page>
    );
  }
  return <UsersView />;
}

function UsersView() {
  const { common, users } = useMessages();
  const self = useUser();
  const tell = useTell();
  const search = useSearch();
  const query = useInfiniteQuery(usersQuery(search.searched));
  const [isAdding, adding] = useDisclosure();
  const [edited, setEdited] = useState<User>();
  const [deleted, setDeleted] = useState<User>();
  return (
    <Page
      title={users.title}
      actions={
        <Button leftSection={<IconPlus size={16} aria-hidden />} onClick={adding.open}>
          {users.add}
        </Button>
      }
    >
      <Stack>
        <SearchField search={search} />
        <ThingList
          query={query}
          searched={search.searched}
          caption={users.caption}
          columns={[common.name, common.username, users.role, common.id, common.created, common.actions]}
          row={(user) => (
            <Table.Tr key={user.id}>
              <Table.Td>{user.name}</Table.Td>
              <Table.Td>{user.username}</Table.Td>
              <Table.Td>{common.roles[user.role]}</Table.Td>
              <Table.Td className="id">{user.id}</Table.Td>
              <Table.Td>
                <TimeText time={user.created} />
              </Table.Td>
              <Table.Td>
                <Group gap={4} wrap="nowrap">
                  <Tooltip label={users.editOf(user.username)}>
                    <ActionIcon
                      variant="subtle"
                      aria-label={users.editOf(user.username)}
                      onClick={() => setEdited(user)}
                    >
                      <IconPencil size={18} aria-hidden />
                    </ActionIcon>
                  </Tooltip>
                  {/* Whoever deletes itself would stand before a page that is no longer its own. */}
                  {user.id !== root_id && user.id !== self.id && (
                    <Tooltip label={users.deleteOf(user.username)}>
                      <ActionIcon
                        variant="subtle"
                        aria-label={users.deleteOf(user.username)}
                        onClick={() => setDeleted(user)}
                      >
                        <IconTrash size={18} aria-hidden />
                      </ActionIcon>
                    </Tooltip>
                  )}
                </Group>
              </Table.Td>
            </Table.Tr>
          )}
          empty={<Empty text={users.none} />}
        />
      </Stack>
      <Dialog title={users.add} opened={isAdding} onClose={adding.close}>
        <UserForm
          onCancel={adding.close}
          onSaved={(user) => {
            adding.close();
            tell(users.added(user.username));
          }}
        />
      </Dialog>
      <Dialog title={users.edit} opened={edited !== undefined} onClose={() => setEdited(undefined)}>
        {edited && (
          <UserForm
            user={edited}
            onCancel={() => setEdited(undefined)}
            onSaved={() => {
              setEdited(undefined);
              tell(common.saved);
            }}
          />
        )}
      </Dialog>
      {deleted && <DeleteUser user={deleted} onClose={() => setDeleted(undefined)} />}
    </Page>
  );
}

function DeleteUser({ user, onClose }: { user: User; onClose: () => void }) {
  const { users } = useMessages();
  const tell = useTell();
  const client = useQueryClient();
  const possessions = useQuery(possessionsQuery(user.id));
  const counted = (count: number | undefined) =>
    count === undefined ? users.counting : count < counted_max ? String(count) : users.manyThings(counted_max);
  return (
    <ConfirmDelete
      title={users.delete}
      name={user.username}
      opened
      onClose={onClose}
      remove={() => data(api.DELETE('/api/users/{user_id}', { params: { path: { user_id: user.id } } }))}
      onRemoved={() => {
        onClose();
        tell(users.deleted(user.username));
        // Its devices and consumers have gone with it.
        void client.invalidateQueries();
      }}
    >
      {users.deleteLoss(counted(possessions.data?.devices), counted(possessions.data?.consumers))}
      {possessions.error && (
        <Alert color="red" role="alert" mt="sm">
          {possessions.error.message}
        </Alert>
      )}
    </ConfirmDelete>
  );
}
