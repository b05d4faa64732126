import { Table } from '@mantine/core';
import { formatValue } from '@/base/format';
import { TimeText } from '@/components/time-text';
import { useI18n } from '@/i18n';
import type { PanelOf } from '../document';
import { newestBody } from './newest';
import { PanelData } from './panel-states';
import classes from './panels.module.css';
import { readingsOf, useTogether, type PanelProps } from './readings';
import { ScrollRegion } from './scroll-region';

export function TablePanel(props: PanelProps<PanelOf<'table'>>) {
  const { panel, sensors, bounds, title } = props;
  const { language, messages } = useI18n();
  const { dashboards } = messages;
  const query = useTogether(sensors, newestBody(bounds, panel.options.rows), props);
  const byIndex = new Map(sensors.map((sensor) => [sensor.index, sensor]));
  return (
    <PanelData query={query} isEmpty={(answer) => readingsOf(answer).length === 0}>
      {(answer) => (
        <ScrollRegion label={title}>
          <Table stickyHeader striped fz="sm" verticalSpacing={4}>
            <Table.Thead>
              <Table.Tr>
                <Table.Th scope="col">{dashboards.time}</Table.Th>
                <Table.Th scope="col">{dashboards.sensor}</Table.Th>
                <Table.Th scope="col" ta="end">
                  {dashboards.value}
                </Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {readingsOf(answer).map(({ index, timestamp, value }, at) => (
                <Table.Tr key={`${index} ${timestamp} ${at}`}>
                  <Table.Td className={classes.line}>
                    <TimeText time={timestamp} />
                  </Table.Td>
                  <Table.Td>{byIndex.get(index)?.name ?? index}</Table.Td>
                  <Table.Td ta="end" className={classes.line}>
                    {formatValue(value, byIndex.get(index)?.unit ?? '', language)}
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </ScrollRegion>
      )}
    </PanelData>
  );
}
