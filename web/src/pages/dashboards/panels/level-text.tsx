import { Group, Text } from '@mantine/core';
import { IconAlertTriangle, IconUrgent } from '@tabler/icons-react';
import { useMessages } from '@/i18n';
import { levelOf } from './levels';
import classes from './panels.module.css';

interface LevelTextProps {
  value: unknown;
  levels: { warn: number | null; alarm: number | null };
}

/** Says by word and sign, not by colour alone, that a limit is passed. */
export function LevelText({ value, levels }: LevelTextProps) {
  const { dashboards } = useMessages();
  const level = typeof value === 'number' ? levelOf(value, levels.warn, levels.alarm) : 'normal';
  if (level === 'normal') return null;
  const Icon = level === 'alarm' ? IconUrgent : IconAlertTriangle;
  return (
    <Group gap={4} className={classes[level]} wrap="nowrap">
      <Icon size={16} aria-hidden />
      <Text size="sm" fw={600}>
        {dashboards.levels[level]}
      </Text>
    </Group>
  );
}
