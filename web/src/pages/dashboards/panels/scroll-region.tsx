import { Box } from '@mantine/core';
import type { ReactNode } from 'react';
import { useMessages } from '@/i18n';
import classes from './panels.module.css';

/** What may be longer than its panel: scrolled with the keyboard too. */
export function ScrollRegion({ title, children }: { title: string; children: ReactNode }) {
  const { dashboards } = useMessages();
  return (
    <Box className={classes.scroll} tabIndex={0} role="group" aria-label={dashboards.contentsOf(title)}>
      {children}
    </Box>
  );
}
