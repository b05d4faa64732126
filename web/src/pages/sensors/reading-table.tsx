import { Paper, Stack, Table, Title } from '@mantine/core';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { memo } from 'react';
import { formatValue } from '@/base/format';
import type { TimeRange } from '@/charts/series-query';
import { LoadError, LoadingRows } from '@/components/states';
import { TimeText } from '@/components/time-text';
import { useI18n } from '@/i18n';
import { newestReadings } from './statistics';

export const ReadingTable = memo(function ReadingTable({
  index,
  unit,
  range,
}: {
  index: string;
  unit: string;
  range: TimeRange;
}) {
  const { language, messages } = useI18n();
  const { sensors } = messages;
  const query = useQuery({
    queryKey: ['readings', index, range],
    queryFn: ({ signal }) => newestReadings(index, range, signal),
    placeholderData: keepPreviousData,
  });
  return (
    <Paper withBorder p="md">
      <Stack gap="xs">
        <Title order={2} size="h4">
          {sensors.table}
        </Title>
        {query.isError && <LoadError error={query.error} onRetry={() => void query.refetch()} />}
        {query.isPending && <LoadingRows />}
        {query.data && (
          // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- scrolled with the keyboard
          <div className="scrolled" tabIndex={0} role="region" aria-label={sensors.table}>
            <Table stickyHeader>
              <Table.Thead>
                <Table.Tr>
                  <Table.Th scope="col">{sensors.time}</Table.Th>
                  <Table.Th scope="col" ta="right">
                    {sensors.value}
                  </Table.Th>
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {query.data.map((reading) => (
                  <Table.Tr key={reading.id}>
                    <Table.Td>
                      <TimeText time={reading.timestamp} />
                    </Table.Td>
                    <Table.Td ta="right">{formatValue(reading.value, unit, language)}</Table.Td>
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
          </div>
        )}
      </Stack>
    </Paper>
  );
});
