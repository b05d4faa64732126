import { Paper, Skeleton, Stack, Text, Title } from '@mantine/core';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { memo } from 'react';
import { formatCount, formatTime, formatValue } from '@/base/format';
import type { TimeRange } from '@/charts/series-query';
import { Facts } from '@/components/facts';
import { useI18n } from '@/i18n';
import { gaps, statistics } from './statistics';

interface StatisticsCardProps {
  index: string;
  unit: string;
  range: TimeRange;
  numeric: boolean;
}

/** Count, extremes and mean of what is shown, and where nothing was measured. */
export const StatisticsCard = memo(function StatisticsCard({ index, unit, range, numeric }: StatisticsCardProps) {
  const { language, messages } = useI18n();
  const { sensors } = messages;
  const numbers = useQuery({
    queryKey: ['statistics', index, range],
    queryFn: ({ signal }) => statistics(index, range, signal),
    enabled: numeric,
    placeholderData: keepPreviousData,
  });
  const missing = useQuery({
    queryKey: ['gaps', index, range],
    queryFn: ({ signal }) => gaps(index, range, signal),
    placeholderData: keepPreviousData,
  });
  const values = numbers.data;
  const rows: [string, string | undefined][] = [
    [sensors.count, values && formatCount(values.count, language)],
    [sensors.minimum, values && formatValue(values.min, unit, language)],
    [sensors.mean, values && formatValue(values.mean, unit, language)],
    [sensors.maximum, values && formatValue(values.max, unit, language)],
    [sensors.deviation, values && formatValue(values.deviation, unit, language)],
  ];
  return (
    <Paper withBorder p="md">
      <Stack gap="xs">
        <Title order={2} size="h4">
          {sensors.statistics}
        </Title>
        {numeric && (
          <Facts rows={rows.map(([label, text]) => ({ label, content: text ?? <Skeleton h={16} w={80} /> }))} />
        )}
        <Title order={3} size="h5">
          {sensors.gaps}
        </Title>
        {missing.data?.length === 0 && <Text className="quiet">{sensors.noGaps}</Text>}
        <ul className="gaps">
          {missing.data?.map((gap) => (
            <li key={gap.from_ms}>{sensors.gap(formatTime(gap.from_ms, language), formatTime(gap.to_ms, language))}</li>
          ))}
        </ul>
      </Stack>
    </Paper>
  );
});
