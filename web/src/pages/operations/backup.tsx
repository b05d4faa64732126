import { Paper, Stack, Text, Title } from '@mantine/core';
import { CopyBlock } from '@/components/copy';
import { useMessages } from '@/i18n';
import { backupCommand, restoreCommand, verifyCommand } from './backup-commands';

/** How it is done with this platform's own directory. */
export function Backup({ directory, time }: { directory: string; time: string }) {
  const { operations } = useMessages();
  const day = time.slice(0, 'yyyy-mm-dd'.length);
  return (
    <Paper withBorder p="md" maw="60rem">
      <Stack gap="xs">
        <Title order={2} size="h4">
          {operations.backup}
        </Title>
        <Text>{operations.backupStop}</Text>
        <Text>{operations.backupMake}</Text>
        <CopyBlock text={backupCommand(directory, day)} what={operations.backupMake} />
        <Text>{operations.backupVerify}</Text>
        <CopyBlock text={verifyCommand(directory, day)} what={operations.backupVerify} />
        <Text>{operations.backupStart}</Text>
        <Title order={2} size="h4" mt="md">
          {operations.restoreTitle}
        </Title>
        <Text>{operations.restore}</Text>
        <CopyBlock text={restoreCommand(directory, day)} what={operations.restoreTitle} />
      </Stack>
    </Paper>
  );
}
