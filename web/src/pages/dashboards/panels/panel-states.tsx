// What a panel shows where it has nothing to show.
import { Alert, Center, Skeleton, Stack, Text } from '@mantine/core';
import type { UseQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { ApiError } from '@/api/client';
import { useMessages } from '@/i18n';
import type { SensorAnswer } from './readings';

export function PanelError({ error }: { error: Error }) {
  const { common, dashboards } = useMessages();
  const text =
    error instanceof ApiError && error.status === 0
      ? common.notReached
      : error instanceof ApiError && (error.status === 403 || error.status === 404)
        ? dashboards.notYours
        : error.message;
  return (
    <Alert color="red" role="alert" p="xs" title={dashboards.panelFailed}>
      {text}
    </Alert>
  );
}

export function PanelNote({ text }: { text: string }) {
  return (
    <Center h="100%" p="xs">
      <Text className="quiet" ta="center" size="sm">
        {text}
      </Text>
    </Center>
  );
}

interface PanelDataProps<Data> {
  query: UseQueryResult<Data>;
  /** Whether there is nothing in it. */
  isEmpty: (data: Data) => boolean;
  children: (data: Data) => ReactNode;
}

/** The data once it is there. What failed is told, and what there was before stays. */
export function PanelData<Data>({ query, isEmpty, children }: PanelDataProps<Data>) {
  const { common, dashboards } = useMessages();
  if (query.data === undefined) {
    if (query.isError) return <PanelError error={query.error} />;
    // The client asks on by itself, but one should know that it has to.
    if (query.failureReason) return <PanelError error={query.failureReason} />;
    return <Skeleton h="100%" role="status" aria-busy aria-label={common.loading} />;
  }
  const fault = query.isError ? query.error : query.failureReason;
  return (
    <Stack h="100%" gap={4}>
      {fault && <PanelError error={fault} />}
      {isEmpty(query.data) ? <PanelNote text={dashboards.noReadings} /> : children(query.data)}
    </Stack>
  );
}

/** Sensors without an answer, below those with one. */
export function Unanswered({ answers }: { answers: SensorAnswer[] }) {
  const { dashboards } = useMessages();
  const failed = answers.filter((each) => each.error);
  return (
    failed.length > 0 && (
      <Text size="xs" c="red" role="alert">
        {dashboards.sensorsFailed(failed.map((each) => each.sensor.name).join(', '))} {failed[0]?.error?.message}
      </Text>
    )
  );
}
