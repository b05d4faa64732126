import { Group, Stack, Text } from '@mantine/core';
import { formatValue } from '@/base/format';
import { AgoText } from '@/components/time-text';
import { useI18n } from '@/i18n';
import type { PanelOf } from '../document';
import { LevelText } from './level-text';
import { newestBody } from './newest';
import { PanelData, Unanswered } from './panel-states';
import { readingsOf, useEach, type PanelProps } from './readings';

export function LatestPanel(props: PanelProps<PanelOf<'latest'>>) {
  const { panel, sensors, bounds } = props;
  const { language, messages } = useI18n();
  const query = useEach(sensors, newestBody(bounds, 1), props);
  return (
    <PanelData query={query} isEmpty={(answers) => answers.every(({ answer }) => readingsOf(answer).length === 0)}>
      {(answers) => (
        <Stack justify="center" flex={1} gap="xs">
          <Group gap="lg" justify="center">
            {answers.map(({ sensor, answer }) => {
              const [reading] = readingsOf(answer);
              return (
                <Stack key={sensor.index} gap={0} align="center">
                  {answers.length > 1 && <Text size="sm">{sensor.name}</Text>}
                  {reading ? (
                    <>
                      <Text fz="1.75rem" fw={600} lh={1.2} ta="center">
                        {formatValue(reading.value, sensor.unit, language)}
                      </Text>
                      <LevelText value={reading.value} levels={panel.options} />
                      <Text size="xs" className="quiet">
                        <AgoText time={reading.timestamp} />
                      </Text>
                    </>
                  ) : (
                    <Text className="quiet">{messages.dashboards.noReadings}</Text>
                  )}
                </Stack>
              );
            })}
          </Group>
          <Unanswered answers={answers} />
        </Stack>
      )}
    </PanelData>
  );
}
