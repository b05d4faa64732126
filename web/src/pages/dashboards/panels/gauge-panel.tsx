import { Group, Stack, Text } from '@mantine/core';
import { formatNumber } from '@/base/format';
import { AgoText } from '@/components/time-text';
import { useI18n } from '@/i18n';
import type { PanelOf } from '../document';
import { levelOf } from './levels';
import { LevelText } from './level-text';
import { newestBody, useNewest } from './newest';
import { PanelData, PanelNote, Unanswered } from './panel-states';
import classes from './panels.module.css';
import { useEach, type PanelProps, type SensorRef } from './readings';
import { scale } from './scale';
import { ScrollRegion } from './scroll-region';

const radius = 80;
const stroke = 16;

/** A point of the half circle; 0 is its left end, 1 its right one. */
function point(part: number, r: number): string {
  const angle = Math.PI * (1 - part);
  return `${(100 + r * Math.cos(angle)).toFixed(2)} ${(100 - r * Math.sin(angle)).toFixed(2)}`;
}

const arc = (from: number, to: number) => `M ${point(from, radius)} A ${radius} ${radius} 0 0 1 ${point(to, radius)}`;

function Gauge({ sensor, value, options }: { sensor: SensorRef; value: number; options: PanelOf<'gauge'>['options'] }) {
  const { language } = useI18n();
  const { min, max, warn, alarm } = options;
  const part = (of: number) => Math.min(1, Math.max(0, scale(of, min, max, 0, 1)));
  const level = levelOf(value, warn, alarm);
  const text = `${formatNumber(value, language, 4)} ${sensor.unit}`.trim();
  return (
    <svg viewBox="0 0 200 122" role="img" aria-label={`${sensor.name}: ${text}`} height="100%" width="100%">
      <path d={arc(0, 1)} className={classes.track} strokeWidth={stroke} />
      {part(value) > 0 && (
        <path
          d={arc(0, part(value))}
          className={level === 'normal' ? classes.arc : level === 'warn' ? classes.arcwarn : classes.arcalarm}
          strokeWidth={stroke}
        />
      )}
      {[warn, alarm]
        .filter((limit) => limit !== null && limit > min && limit < max)
        .map((limit) => (
          <path
            key={limit}
            d={`M ${point(part(limit ?? 0), radius - stroke)} L ${point(part(limit ?? 0), radius + stroke / 2 + 3)}`}
            className={classes.mark}
            strokeWidth={2}
          />
        ))}
      <text x="100" y="95" textAnchor="middle" className={classes.value}>
        {text}
      </text>
      <text x="20" y="117" textAnchor="middle" className={classes.label}>
        {formatNumber(min, language)}
      </text>
      <text x="180" y="117" textAnchor="middle" className={classes.label}>
        {formatNumber(max, language)}
      </text>
    </svg>
  );
}

export function GaugePanel(props: PanelProps<PanelOf<'gauge'>>) {
  const { panel, sensors, bounds, title, width } = props;
  const { messages } = useI18n();
  const query = useEach(sensors, newestBody(bounds, 1), props);
  const newest = useNewest(query.data);
  const each_px = Math.max(120, Math.floor(width / Math.max(1, sensors.length)) - 12);
  return (
    <PanelData query={query} isEmpty={() => newest.every(({ reading }) => !reading)}>
      {(answers) => (
        <ScrollRegion title={title}>
          <Group justify="center" gap="xs" flex={1} align="stretch">
            {newest.map(({ sensor, reading }) => {
              if (!reading)
                return <PanelNote key={sensor.index} text={`${sensor.name}: ${messages.dashboards.noReadings}`} />;
              if (typeof reading.value !== 'number') {
                return <PanelNote key={sensor.index} text={messages.dashboards.noNumber(sensor.name)} />;
              }
              return (
                <Stack key={sensor.index} w={each_px} gap={0} align="center" justify="center">
                  {answers.length > 1 && <Text size="sm">{sensor.name}</Text>}
                  <div className={classes.chart}>
                    <Gauge sensor={sensor} value={reading.value} options={panel.options} />
                  </div>
                  <LevelText value={reading.value} levels={panel.options} />
                  <Text size="xs" className="quiet">
                    <AgoText time={reading.timestamp} />
                  </Text>
                </Stack>
              );
            })}
          </Group>
          <Unanswered answers={answers} />
        </ScrollRegion>
      )}
    </PanelData>
  );
}
