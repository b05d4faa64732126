import { Group, Stack, Text } from '@mantine/core';
import { formatValue } from '@/base/format';
import { AgoText } from '@/components/time-text';
import { useI18n } from '@/i18n';
import type { PanelOf } from '../document';
import { LevelText } from './level-text';
import { newestBody, useNewest } from './newest';
import { PanelData, Unanswered } from './panel-states';
import { useEach, type PanelProps } from './readings';
import { ScrollRegion } from './scroll-region';

export function LatestPanel(props: PanelProps<PanelOf<'latest'>>) {
  const { panel, sensors, bounds, title } = props;
  const { language, messages } = useI18n();
  const query = useEach(sensors, newestBody(bounds, 1), props);
  const newest = useNewest(query.data);
  return (
    <PanelData query={query} isEmpty={() => newest.every(({ reading }) => !reading)}>
      {(answers) => (
        <ScrollRegion title={title}>
          <Group gap="lg" justify="center" mih="100%">
            {newest.map(({ sensor, reading }) => {
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
        </ScrollRegion>
      )}
    </PanelData>
  );
}
