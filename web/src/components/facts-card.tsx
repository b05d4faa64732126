import { Paper, Skeleton, Stack, Text, Title } from '@mantine/core';
import type { ReactNode } from 'react';
import { Facts } from './facts';

interface FactsCardProps {
  title: string;
  hint?: string;
  /** Undefined: not known yet. */
  facts: [label: string, value: ReactNode | undefined][];
  children?: ReactNode;
}

/** A card of what is known, under a heading. */
export function FactsCard({ title, hint, facts, children }: FactsCardProps) {
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
        {facts.length > 0 && (
          <Facts
            rows={facts.map(([label, value]) => ({
              label,
              content: value === undefined ? <Skeleton h={16} w={80} /> : value,
            }))}
          />
        )}
        {children}
      </Stack>
    </Paper>
  );
}
