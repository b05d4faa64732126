import { Badge, Group, Skeleton, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { presenceQuery } from '@/api/things';
import { TextLink } from '@/components/links';
import { AgoText } from '@/components/time-text';
import { useMessages } from '@/i18n';
import type { PanelOf } from '../document';
import { PanelError } from './panel-states';
import type { PanelProps } from './readings';
import { ScrollRegion } from './scroll-region';

function DeviceState({ id, name, isShown }: { id: string; name: string; isShown: boolean }) {
  const { common, dashboards } = useMessages();
  const presence = useQuery({ ...presenceQuery(id), enabled: isShown });
  const { data } = presence;
  return (
    <Stack gap={2} component="li">
      <Group justify="space-between" gap="xs">
        <TextLink to="/devices/$device" params={{ device: id }}>
          {name}
        </TextLink>
        {data && (
          <Group gap="xs">
            <Text size="xs" className="quiet">
              {data.last_seen ? <AgoText time={data.last_seen} /> : dashboards.neverSeen}
            </Text>
            <Badge variant={data.connected ? 'filled' : 'default'} tt="none">
              {data.silent_since ? dashboards.silent : data.connected ? dashboards.connected : dashboards.notConnected}
            </Badge>
          </Group>
        )}
        {presence.isPending && <Skeleton h={20} w={120} aria-busy aria-label={common.loading} role="status" />}
      </Group>
      {presence.error && <PanelError error={presence.error} />}
    </Stack>
  );
}

export function DevicesPanel({ panel, isShown, title }: PanelProps<PanelOf<'devices'>>) {
  return (
    <ScrollRegion label={title}>
      <Stack component="ul" gap="xs" p={0} m={0}>
        {panel.options.devices.map(({ id, name }) => (
          <DeviceState key={id} id={id} name={name} isShown={isShown} />
        ))}
      </Stack>
    </ScrollRegion>
  );
}
