import { Group, Text } from '@mantine/core';
import { formatDay, formatTime, formatValue } from '@/base/format';
import { useI18n } from '@/i18n';
import type { PanelOf } from '../document';
import { zone } from '../range';
import { cellsOf, daysBetween } from './heat-map';
import { PanelData } from './panel-states';
import classes from './panels.module.css';
import { aggregationOf, bucketsOf, inBounds, metricOf, useTogether, type PanelProps } from './readings';
import { scale } from './scale';

const hour_ms = 3_600_000;
const left = 26;
const legend_px = 24;

export function HeatMapPanel(props: PanelProps<PanelOf<'heat-map'>>) {
  const { panel, sensors, bounds, title, width, height } = props;
  const { language, messages } = useI18n();
  const body = {
    size: 0,
    query: inBounds(bounds),
    aggs: {
      hours: {
        date_histogram: { field: 'timestamp', fixed_interval: '1h', time_zone: zone(), min_doc_count: 1 },
        aggs: { value: aggregationOf(panel.options.value) },
      },
    },
  };
  const query = useTogether(sensors, body, props);
  const unit = panel.options.value === 'count' ? '' : (sensors[0]?.unit ?? '');
  const dayText = (ms: number) => formatDay(ms, language);
  return (
    <PanelData query={query} isEmpty={(answer) => bucketsOf(answer, 'hours').length === 0}>
      {(answer) => {
        const cells = cellsOf(
          bucketsOf(answer, 'hours').map((bucket) => ({ time_ms: bucket.key, value: metricOf(bucket, 'value') })),
        );
        const days = daysBetween(cells[0]?.day_ms ?? 0, cells.at(-1)?.day_ms ?? 0);
        const columnOf = new Map(days.map((day, at) => [day, at]));
        const low = Math.min(...cells.map((cell) => cell.value));
        const high = Math.max(...cells.map((cell) => cell.value));
        const peak = cells.find((cell) => cell.value === high);
        const column = (width - left) / days.length;
        const top = height - legend_px;
        const row = (top - 16) / 24;
        const labelled = Math.max(1, Math.ceil(64 / column));
        const text = (value: number) => formatValue(value, unit, language);
        return (
          <div className={classes.chart}>
            <svg
              role="img"
              aria-label={messages.dashboards.heatMapSummary(
                title,
                text(low),
                text(high),
                peak ? formatTime(peak.day_ms + peak.hour * hour_ms, language) : '',
              )}
              width={width}
              height={top}
            >
              {[0, 6, 12, 18].map((hour) => (
                <text key={hour} x={left - 6} y={row * hour + 9} textAnchor="end" className={classes.label}>
                  {hour}
                </text>
              ))}
              {cells.map((cell) => (
                <rect
                  key={`${cell.day_ms} ${cell.hour}`}
                  x={left + column * (columnOf.get(cell.day_ms) ?? 0)}
                  y={row * cell.hour}
                  width={Math.max(1, column - (column > 6 ? 1 : 0))}
                  height={Math.max(1, row - (row > 6 ? 1 : 0))}
                  className={classes.heat}
                  fillOpacity={scale(cell.value, low, high, 0.12, 1)}
                >
                  <title>{`${dayText(cell.day_ms)}, ${cell.hour}:00: ${text(cell.value)}`}</title>
                </rect>
              ))}
              {days.map(
                (day, at) =>
                  at % labelled === 0 && (
                    <text key={day} x={left + column * at} y={top - 3} className={classes.label}>
                      {dayText(day)}
                    </text>
                  ),
              )}
            </svg>
            <Group gap="xs" h={legend_px} wrap="nowrap">
              <Text size="xs">{text(low)}</Text>
              <svg width={96} height={10} aria-hidden>
                {Array.from({ length: 12 }, (_, at) => (
                  <rect
                    key={at}
                    x={at * 8}
                    width={8}
                    height={10}
                    className={classes.heat}
                    fillOpacity={scale(at, 0, 11, 0.12, 1)}
                  />
                ))}
              </svg>
              <Text size="xs">{text(high)}</Text>
            </Group>
          </div>
        );
      }}
    </PanelData>
  );
}
