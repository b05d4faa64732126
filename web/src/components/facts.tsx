import { Group, Paper, Skeleton, Stack, Text, Title } from '@mantine/core';
import type { ReactNode } from 'react';

interface FactsProps {
  title: string;
  hint?: string;
  /** Undefined: not known yet. */
  facts: [label: string, value: ReactNode | undefined][];
  children?: ReactNode;
}

/** A card of names and values. */
export function Facts({ title, hint, facts, children }: FactsProps) {
  return (
    <Paper withBorder p="md">
      <Stack gap="xs">
        <Title order={2} size="h4">
          {title}
        </Title>
        {hint && (
          <Text size="sm" className="quiet">
            {hint}
          </Text>
        )}
        <dl className="facts">
          {facts.map(([label, value]) => (
            <Group key={label} justify="space-between" align="start" wrap="nowrap">
              <dt className="quiet">{label}</dt>
              <dd className="fact">{value === undefined ? <Skeleton h={16} w={80} /> : value}</dd>
            </Group>
          ))}
        </dl>
        {children}
      </Stack>
    </Paper>
  );
}
