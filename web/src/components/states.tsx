// What stands where data is not: not yet, none, or not to be had.
import { Alert, Button, Center, Group, Skeleton, Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { ApiError } from '@/api/client';
import { useMessages } from '@/i18n';

export function LoadError({ error, onRetry }: { error: Error; onRetry?: () => void }) {
  const { common } = useMessages();
  const text = error instanceof ApiError && error.status === 0 ? common.notReached : error.message;
  return (
    <Alert color="red" title={common.failed} role="alert" m="md">
      <Group justify="space-between">
        <Text>{text}</Text>
        {onRetry && (
          <Button variant="default" onClick={onRetry}>
            {common.retry}
          </Button>
        )}
      </Group>
    </Alert>
  );
}

/** As many grey lines as a list will have, about. */
export function LoadingRows({ rows = 5 }: { rows?: number }) {
  const { common } = useMessages();
  return (
    <Stack aria-busy aria-label={common.loading} role="status" gap="xs">
      {Array.from({ length: rows }, (_, row) => (
        <Skeleton key={row} h={34} />
      ))}
    </Stack>
  );
}

export function Empty({ text, children }: { text: string; children?: ReactNode }) {
  return (
    <Center p="xl">
      <Stack align="center">
        <Text className="quiet" ta="center">
          {text}
        </Text>
        {children}
      </Stack>
    </Center>
  );
}
