import { Paper, Stack, Text, Title } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { grantsQuery } from '@/api/grants';
import { CopyBlock } from '@/components/copy';
import { useMessages } from '@/i18n';
import { liveCommand, newestCommand } from './commands';

/** Commands that work as they stand, with this platform's address and a sensor that is granted. */
export function QueryExample({ consumer }: { consumer: string }) {
  const { consumers } = useMessages();
  const grants = useInfiniteQuery(grantsQuery(consumer, ''));
  const [sensor] = grants.data?.pages[0]?.result ?? [];
  return (
    <Paper withBorder p="md">
      <Stack gap="xs">
        <Title order={2} size="h4">
          {consumers.query}
        </Title>
        {sensor ? (
          <>
            <Text size="sm" className="quiet">
              {consumers.queryHint}
            </Text>
            <Text size="sm">{consumers.newest(sensor.name)}</Text>
            <CopyBlock
              text={newestCommand(window.location.origin, consumer, sensor.id)}
              what={consumers.newest(sensor.name)}
            />
            <Text size="sm">{consumers.live}</Text>
            <CopyBlock text={liveCommand(window.location.origin, consumer)} what={consumers.live} />
          </>
        ) : (
          <Text size="sm" className="quiet">
            {consumers.queryAfterGrant}
          </Text>
        )}
      </Stack>
    </Paper>
  );
}
