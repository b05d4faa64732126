import { Alert, Paper, Progress, SimpleGrid, Stack, Text, Title } from '@mantine/core';
import '@mantine/core/styles/Progress.css';
import { useMemo } from 'react';
import type { Histogram, Operations } from '@/api/operations';
import { formatBytes, formatCount, formatNumber } from '@/base/format';
import { TimeSeries } from '@/charts/time-series';
import { FactsCard } from '@/components/facts-card';
import { AgoText } from '@/components/time-text';
import { useI18n } from '@/i18n';
import { difference, quantile, rateOf, rates, refusedMessages, span } from './rates';

const minute_ms = 60_000;
/** The chart is at least so long, so that its first minute does not race by. */
const chart_min_ms = 2 * minute_ms;
const rate_digits = 3;

export function Overview({ polls }: { polls: Operations[] }) {
  const { language, messages } = useI18n();
  const { operations, common } = messages;
  const last = polls.at(-1);
  const minute = span(polls, minute_ms);
  if (!last) return null;
  const count = (value: number) => formatCount(value, language);
  const bytes = (value: number) => formatBytes(value, language);
  const rate = (counter: (poll: Operations) => number) =>
    minute && formatNumber(rateOf(minute, counter), language, rate_digits);
  const protocols = Object.entries(operations.protocols) as [keyof Operations['connections'], string][];
  const { disk } = last;
  return (
    <Stack>
      {!last.log.healthy && <Alert color="red" role="alert" title={operations.logUnhealthy} />}
      {last.store.failures > 0 && (
        <Alert color="red" role="alert" title={operations.storeFailed(count(last.store.failures))} />
      )}
      {last.store.damaged_chunks > 0 && (
        <Alert color="red" role="alert" title={operations.damaged(count(last.store.damaged_chunks))} />
      )}
      <RateChart polls={polls} />
      <SimpleGrid cols={{ base: 1, sm: 2, lg: 3 }}>
        <FactsCard
          title={operations.sinceStart}
          facts={[
            [operations.acknowledged, count(last.readings.acknowledged)],
            [operations.refused, count(refusedMessages(last))],
            [operations.failed, count(last.readings.failed)],
          ]}
        />
        <FactsCard
          title={operations.latency}
          hint={operations.latencyHint}
          facts={latencies(
            minute && difference(minute.from.acknowledgement, minute.to.acknowledgement),
            operations,
            language,
          )}
        />
        <FactsCard
          title={operations.stored}
          facts={[
            [operations.things, count(last.things.devices)],
            [operations.sensors, count(last.things.sensors)],
            [operations.silent, count(last.things.devices_silent)],
            [operations.storeSize, bytes(last.store.bytes)],
            [operations.inMemory, bytes(last.store.head_bytes)],
            [operations.logSize, operations.logOf(bytes(last.log.bytes), last.log.segments)],
          ]}
        />
        <FactsCard
          title={operations.disk}
          facts={[
            [operations.used, bytes(disk.used_bytes)],
            [operations.free, bytes(disk.free_bytes)],
            [operations.budget, disk.budget_bytes === null ? operations.noBudget : bytes(disk.budget_bytes)],
          ]}
        >
          {disk.budget_bytes !== null && <BudgetBar used={disk.used_bytes} budget={disk.budget_bytes} />}
        </FactsCard>
        <FactsCard
          title={operations.connections}
          hint={operations.now}
          facts={protocols.map(([name, label]) => [label, count(last.connections[name])])}
        />
        <FactsCard
          title={operations.queries}
          hint={operations.queriesHint}
          facts={[
            [operations.answered, rate((poll) => poll.queries.answered)],
            ...latencies(
              minute && difference(minute.from.queries.duration, minute.to.queries.duration),
              operations,
              language,
            ),
            [operations.failed, minute && count(minute.to.queries.failed - minute.from.queries.failed)],
            [operations.turnedAway, minute && count(minute.to.queries.refused - minute.from.queries.refused)],
          ]}
        />
        <FactsCard
          title={operations.program}
          facts={[
            [operations.version, last.version],
            [operations.upSince, <AgoText key="up" time={startOf(last)} />],
            [operations.memory, bytes(last.memory_bytes)],
            [
              operations.directory,
              <span key="directory" className="id">
                {last.data_dir}
              </span>,
            ],
            [common.pages.users, count(last.things.users)],
            [common.pages.consumers, count(last.things.consumers)],
          ]}
        />
      </SimpleGrid>
    </Stack>
  );
}

/** To the second, as the uptime is: it would else tremble from poll to poll. */
function startOf({ time, uptime_s }: Operations): string {
  return new Date(Math.round(Date.parse(time) / 1000 - uptime_s) * 1000).toISOString();
}

function RateChart({ polls }: { polls: Operations[] }) {
  const { operations } = useI18n().messages;
  const series = useMemo(
    () => [
      {
        label: operations.acknowledged,
        unit: operations.perSecond,
        points: rates(polls, (poll) => poll.readings.acknowledged),
      },
      { label: operations.refused, unit: operations.perSecond, points: rates(polls, refusedMessages) },
    ],
    [polls, operations],
  );
  const first = polls[0];
  const last = polls.at(-1);
  if (!first || !last) return null;
  const to_ms = Date.parse(last.time);
  return (
    <Paper withBorder p="md" component="section">
      <Title order={2} size="h4" mb="xs">
        {operations.rate}
      </Title>
      {polls.length < 2 ? (
        <Text className="quiet" h={220}>
          {operations.collecting}
        </Text>
      ) : (
        <TimeSeries
          series={series}
          range={{ from_ms: Math.min(Date.parse(first.time), to_ms - chart_min_ms), to_ms }}
          height={220}
          ariaLabel={operations.rateChart}
        />
      )}
    </Paper>
  );
}

function latencies(
  histogram: Histogram | undefined,
  texts: { half: string; nearlyAll: string; moreThan: (text: string) => string },
  language: string,
): [string, string | undefined][] {
  const text = (part: number) => {
    if (!histogram) return undefined;
    const found = quantile(histogram, part);
    if (!found) return '–';
    const time = `${formatNumber(found.seconds * 1000, language, rate_digits)} ms`;
    return found.isMore ? texts.moreThan(time) : time;
  };
  return [
    [texts.half, text(0.5)],
    [texts.nearlyAll, text(0.99)],
  ];
}

function BudgetBar({ used, budget }: { used: number; budget: number }) {
  const { language, messages } = useI18n();
  const part = used / budget;
  const text = messages.operations.ofBudget(
    new Intl.NumberFormat(language, { style: 'percent', maximumFractionDigits: 1 }).format(part),
  );
  return <Progress value={Math.min(100, part * 100)} color={part > 0.9 ? 'red' : 'cyan'} aria-label={text} />;
}
