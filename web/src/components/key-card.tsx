// The key of a device or a consumer: shown when asked for, copied, downloaded, rotated.
import { Alert, Button, Code, Group, Paper, Stack, Text, Title } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconDownload, IconRefresh } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useTell } from '@/app/notices';
import { saveFile } from '@/base/save-file';
import { useMessages } from '@/i18n';
import { ConfirmDelete } from './confirm-delete';
import { CopyButton } from './copy';

interface KeyCardProps {
  title: string;
  hint: string;
  download: string;
  /** Of the downloaded file. */
  fileName: string;
  /** The key as the API gives it; the token is a member of it. */
  load: () => Promise<{ token: string }>;
  /** Missing: it is not this user's to rotate. */
  rotation?: { label: string; loss: string; done: string; name: string; rotate: () => Promise<{ token: string }> };
}

export function KeyCard({ title, hint, download, fileName, load, rotation }: KeyCardProps) {
  const { common } = useMessages();
  const tell = useTell();
  const [token, setToken] = useState<string>();
  const [isRotating, rotating] = useDisclosure();
  const showing = useMutation({ mutationFn: load, onSuccess: (key) => setToken(key.token) });
  const saving = useMutation({
    mutationFn: load,
    onSuccess: (key) => saveFile(fileName, 'application/json', JSON.stringify(key, null, 2)),
  });
  const error = showing.error ?? saving.error;
  return (
    <Paper withBorder p="md">
      <Stack gap="sm">
        <Title order={2} size="h4">
          {title}
        </Title>
        <Text size="sm" className="quiet">
          {hint}
        </Text>
        {error && (
          <Alert color="red" role="alert">
            {error.message}
          </Alert>
        )}
        {token && (
          <Group wrap="nowrap" gap="xs" align="start">
            {}
            <Code block tabIndex={0} role="region" aria-label={title} className="token">
              {token}
            </Code>
            <CopyButton text={token} what={title} />
          </Group>
        )}
        <Group gap="xs">
          <Button
            leftSection={<IconDownload size={16} aria-hidden />}
            loading={saving.isPending}
            onClick={() => saving.mutate()}
          >
            {download}
          </Button>
          <Button
            variant="default"
            loading={showing.isPending}
            onClick={() => (token ? setToken(undefined) : showing.mutate())}
          >
            {token ? common.hide : common.show}
          </Button>
          {rotation && (
            <Button variant="default" leftSection={<IconRefresh size={16} aria-hidden />} onClick={rotating.open}>
              {rotation.label}
            </Button>
          )}
        </Group>
      </Stack>
      {rotation && (
        <ConfirmDelete
          title={rotation.label}
          name={rotation.name}
          action={rotation.label}
          opened={isRotating}
          onClose={rotating.close}
          remove={async () => {
            const key = await rotation.rotate();
            // What is on the screen must not be the key that has just stopped working.
            setToken((shown) => (shown === undefined ? undefined : key.token));
          }}
          onRemoved={() => {
            rotating.close();
            tell(rotation.done);
          }}
        >
          {rotation.loss}
        </ConfirmDelete>
      )}
    </Paper>
  );
}
