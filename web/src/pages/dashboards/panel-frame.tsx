// What is around each panel: its title, its menu, and that what fails in it stays in it.
import { ActionIcon, Group, Menu, Paper, Skeleton, Title } from '@mantine/core';
import { useElementSize, useIntersection, useMergedRef } from '@mantine/hooks';
import { IconCopy, IconDots, IconPencil, IconRuler2, IconTrash } from '@tabler/icons-react';
import { Component, type ReactNode } from 'react';
import { useMessages } from '@/i18n';
import type { DashboardDocument, Panel } from './document';
import classes from './grid.module.css';
import { PanelBody } from './panels/panel-body';
import { PanelError, PanelNote } from './panels/panel-states';
import type { Bounds } from './range';
import { useSensors } from './use-sensors';

/** A fault in one panel is shown in its place. */
class Boundary extends Component<{ children: ReactNode }, { error: Error | null }> {
  override state: { error: Error | null } = { error: null };

  static getDerivedStateFromError(error: Error) {
    return { error };
  }

  override render() {
    return this.state.error ? <PanelError error={this.state.error} /> : this.props.children;
  }
}

export interface PanelActions {
  edit: (panel: Panel) => void;
  duplicate: (panel: Panel) => void;
  measure: (panel: Panel) => void;
  remove: (panel: Panel) => void;
}

/** What panels ask for that go on with the readings that come, and how much of it they show, until now. */
export interface LiveRange {
  bounds: Bounds;
  shown_ms: number;
}

interface PanelFrameProps {
  panel: Panel;
  document: DashboardDocument;
  variables: Record<string, string>;
  bounds: Bounds;
  /** Missing: readings do not come by themselves. */
  live: LiveRange | undefined;
  onBounds: ((bounds: Bounds) => void) | undefined;
  dashboard: string | undefined;
  /** Missing: it is only looked at. */
  actions?: PanelActions | undefined;
  /** Takes the panel to another place. */
  handle?: ReactNode;
}

/** The panels that go on by themselves with the readings that come. */
const followers: ReadonlySet<Panel['kind']> = new Set(['time-series', 'latest', 'gauge']);

/** Panels this far below the window are asked for already. */
const ahead = '200px';

export function PanelFrame(props: PanelFrameProps) {
  const { panel, document, variables, actions, handle } = props;
  const { dashboards, common } = useMessages();
  const { ref: size, width, height } = useElementSize();
  const { ref: seen, entry } = useIntersection({ rootMargin: ahead });
  const frame = useMergedRef<HTMLDivElement>(seen);
  const sensors = useSensors(panel, document, variables);
  const title = titleOf(panel, sensors.sensors, dashboards.kinds);
  const needsSensors = panel.kind !== 'text' && panel.kind !== 'devices';
  const content = () => {
    if (needsSensors && sensors.needsDevice) return <PanelNote text={dashboards.chooseDevice} />;
    if (needsSensors && sensors.error) return <PanelError error={sensors.error} />;
    if (needsSensors && sensors.isPending)
      return <Skeleton h="100%" role="status" aria-busy aria-label={common.loading} />;
    if (needsSensors && sensors.sensors.length === 0) return <PanelNote text={dashboards.noSensors} />;
    if (panel.kind === 'devices' && panel.options.devices.length === 0)
      return <PanelNote text={dashboards.noDevices} />;
    if (width === 0 || height === 0) return null;
    return (
      <PanelBody
        panel={panel}
        sensors={sensors.sensors}
        bounds={(followers.has(panel.kind) && props.live?.bounds) || props.bounds}
        liveRange_ms={props.live?.shown_ms}
        onBounds={props.onBounds}
        dashboard={props.dashboard}
        isShown={entry?.isIntersecting ?? false}
        title={title}
        width={Math.floor(width)}
        height={Math.floor(height)}
      />
    );
  };
  return (
    <Paper ref={frame} role="group" withBorder className={classes.frame} aria-labelledby={`title-${panel.id}`}>
      <Group gap={4} wrap="nowrap" className={classes.head}>
        {handle}
        <Title order={2} size="sm" id={`title-${panel.id}`} className={classes.title}>
          {title}
        </Title>
        {actions && (
          <Menu position="bottom-end">
            <Menu.Target>
              <ActionIcon variant="subtle" color="gray" aria-label={dashboards.panelMenu(title)}>
                <IconDots size={16} aria-hidden />
              </ActionIcon>
            </Menu.Target>
            <Menu.Dropdown>
              <Menu.Item leftSection={<IconPencil size={16} aria-hidden />} onClick={() => actions.edit(panel)}>
                {dashboards.editPanel}
              </Menu.Item>
              <Menu.Item leftSection={<IconRuler2 size={16} aria-hidden />} onClick={() => actions.measure(panel)}>
                {dashboards.placeAndSize}
              </Menu.Item>
              <Menu.Item leftSection={<IconCopy size={16} aria-hidden />} onClick={() => actions.duplicate(panel)}>
                {dashboards.duplicate}
              </Menu.Item>
              <Menu.Item leftSection={<IconTrash size={16} aria-hidden />} onClick={() => actions.remove(panel)}>
                {dashboards.removePanel}
              </Menu.Item>
            </Menu.Dropdown>
          </Menu>
        )}
      </Group>
      <div className={classes.body}>
        <div ref={size} className={classes.measured}>
          <Boundary key={JSON.stringify(panel)}>{content()}</Boundary>
        </div>
      </div>
    </Paper>
  );
}

/** What was written, else what is shown. */
export function titleOf(panel: Panel, sensors: { name: string }[], kinds: Record<Panel['kind'], string>): string {
  if (panel.title) return panel.title;
  if (panel.kind === 'text' || panel.kind === 'devices' || sensors.length === 0) return kinds[panel.kind];
  const names = sensors.slice(0, 3).map((sensor) => sensor.name);
  return names.join(', ') + (sensors.length > names.length ? ' …' : '');
}
