import { Group, Stack, Text } from '@mantine/core';
import { formatDay, formatNumber, formatTime, formatValue } from '@/base/format';
import { useI18n } from '@/i18n';
import type { PanelOf } from '../document';
import { zone } from '../range';
import { colorOf } from './colors';
import { PanelData, PanelNote, Unanswered } from './panel-states';
import classes from './panels.module.css';
import { aggregationOf, bucketsOf, inBounds, metricOf, useEach, type PanelProps, type SensorAnswer } from './readings';
import { ScrollRegion } from './scroll-region';
import { scale, ticks } from './scale';

/** More bars than that are a line. */
const bars_max = 400;

function BySensor({ answers, isCount }: { answers: SensorAnswer[]; isCount: boolean }) {
  const { language } = useI18n();
  const all = answers.map(({ answer }) => metricOf(answer?.aggregations, 'value') ?? 0);
  const low = Math.min(0, ...all);
  const high = Math.max(0, ...all);
  return (
    <Stack gap="xs" component="ul" p={0} m={0}>
      {answers.map(({ sensor, answer }, at) => {
        const value = metricOf(answer?.aggregations, 'value');
        const zero = scale(0, low, high, 0, 100);
        const end = scale(value ?? 0, low, high, 0, 100);
        return (
          <Stack key={sensor.index} gap={2} component="li">
            <Group justify="space-between" gap="xs" wrap="nowrap">
              <Text size="sm">{sensor.name}</Text>
              <Text size="sm" fw={600}>
                {formatValue(value, isCount ? '' : sensor.unit, language)}
              </Text>
            </Group>
            <div
              className={classes.bar}
              style={{
                width: `${Math.abs(end - zero)}%`,
                marginInlineStart: `${Math.min(zero, end)}%`,
                background: colorOf(at),
              }}
            />
          </Stack>
        );
      })}
    </Stack>
  );
}

interface ByIntervalProps {
  answers: SensorAnswer[];
  width: number;
  height: number;
  title: string;
  isCount: boolean;
}

function ByInterval({ answers, width, height, title, isCount }: ByIntervalProps) {
  const { language, messages } = useI18n();
  const series = answers.map(({ sensor, answer }) => ({
    sensor,
    values: new Map(bucketsOf(answer, 'times').map((bucket) => [bucket.key, metricOf(bucket, 'value')])),
  }));
  const times = [...new Set(series.flatMap(({ values }) => [...values.keys()]))].sort((a, b) => a - b);
  if (times.length * series.length > bars_max) return <PanelNote text={messages.dashboards.tooManyBars} />;
  const all = series.flatMap(({ values }) => [...values.values()]).filter((value) => value !== null);
  const marks = ticks(Math.min(0, ...all), Math.max(0, ...all), Math.max(2, Math.floor(height / 50)));
  const low = marks[0] ?? 0;
  const high = marks.at(-1) ?? 1;
  const left = 8 + 7 * Math.max(...marks.map((mark) => formatNumber(mark, language).length));
  const bottom = height - 18;
  const y = (value: number) => scale(value, low, high, bottom, 8);
  const slot = (width - left) / Math.max(1, times.length);
  const bar = Math.max(1, (slot * 0.8) / series.length);
  const labelled = Math.max(1, Math.ceil(120 / slot));
  return (
    <svg role="img" aria-label={title} width={width} height={height}>
      {marks.map((mark) => (
        <g key={mark}>
          <line x1={left} x2={width} y1={y(mark)} y2={y(mark)} className={classes.grid} />
          <text x={left - 4} y={y(mark) + 4} textAnchor="end" className={classes.label}>
            {formatNumber(mark, language)}
          </text>
        </g>
      ))}
      {times.map((time, at) => (
        <g key={time}>
          {series.map(({ sensor, values }, of) => {
            const value = values.get(time);
            if (value === null || value === undefined) return null;
            return (
              <rect
                key={sensor.index}
                x={left + slot * at + slot * 0.1 + bar * of}
                width={bar}
                y={Math.min(y(value), y(0))}
                height={Math.max(1, Math.abs(y(value) - y(0)))}
                style={{ fill: colorOf(of) }}
              >
                <title>
                  {`${sensor.name}, ${formatTime(time, language)}: ${formatValue(value, isCount ? '' : sensor.unit, language)}`}
                </title>
              </rect>
            );
          })}
          {at % labelled === 0 && (
            <text x={left + slot * at + slot * 0.1} y={height - 4} className={classes.label}>
              {formatDay(time, language)}
            </text>
          )}
        </g>
      ))}
    </svg>
  );
}

export function BarPanel(props: PanelProps<PanelOf<'bar'>>) {
  const { panel, sensors, bounds, title, width, height } = props;
  const { by, interval, value } = panel.options;
  const metric = { value: aggregationOf(value) };
  const body = {
    size: 0,
    track_total_hits: true,
    query: inBounds(bounds),
    aggs:
      by === 'sensor'
        ? metric
        : {
            times: {
              date_histogram: { field: 'timestamp', calendar_interval: interval, time_zone: zone(), min_doc_count: 1 },
              aggs: metric,
            },
          },
  };
  const query = useEach(sensors, body, props);
  const isCount = value === 'count';
  return (
    <PanelData
      query={query}
      isEmpty={(answers) =>
        answers.every(({ answer }) =>
          by === 'sensor' ? !metricOf(answer?.aggregations, 'value') : bucketsOf(answer, 'times').length === 0,
        )
      }
    >
      {(answers) => (
        <>
          {by === 'sensor' ? (
            <ScrollRegion title={title}>
              <BySensor answers={answers} isCount={isCount} />
            </ScrollRegion>
          ) : (
            <>
              {answers.length > 1 && (
                <Group gap="sm">
                  {answers.map(({ sensor }, at) => (
                    <Text key={sensor.index} size="xs">
                      <span className={classes.swatch} style={{ background: colorOf(at) }} />
                      {sensor.name}
                    </Text>
                  ))}
                </Group>
              )}
              <div className={classes.chart}>
                <ByInterval
                  answers={answers}
                  width={width}
                  height={height - (answers.length > 1 ? 24 : 0)}
                  title={title}
                  isCount={isCount}
                />
              </div>
            </>
          )}
          <Unanswered answers={answers} />
        </>
      )}
    </PanelData>
  );
}
