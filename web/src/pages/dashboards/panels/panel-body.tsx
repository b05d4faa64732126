// Which component shows a panel of which kind.
import type { ReactNode } from 'react';
import type { Panel } from '../document';
import { BarPanel } from './bar-panel';
import { DevicesPanel } from './devices-panel';
import { GaugePanel } from './gauge-panel';
import { HeatMapPanel } from './heat-map-panel';
import { LatestPanel } from './latest-panel';
import { MapPanel } from './map-panel';
import type { PanelProps } from './readings';
import { TablePanel } from './table-panel';
import { TextPanel } from './text-panel';
import { TimeSeriesPanel } from './time-series-panel';

export function PanelBody({ panel, ...props }: PanelProps<Panel>): ReactNode {
  switch (panel.kind) {
    case 'time-series':
      return <TimeSeriesPanel panel={panel} {...props} />;
    case 'latest':
      return <LatestPanel panel={panel} {...props} />;
    case 'gauge':
      return <GaugePanel panel={panel} {...props} />;
    case 'bar':
      return <BarPanel panel={panel} {...props} />;
    case 'table':
      return <TablePanel panel={panel} {...props} />;
    case 'heat-map':
      return <HeatMapPanel panel={panel} {...props} />;
    case 'devices':
      return <DevicesPanel panel={panel} {...props} />;
    case 'map':
      return <MapPanel panel={panel} {...props} />;
    case 'text':
      return <TextPanel panel={panel} {...props} />;
  }
}
