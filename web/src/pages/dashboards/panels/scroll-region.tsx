import { Box } from '@mantine/core';
import type { ReactNode } from 'react';
import classes from './panels.module.css';

/** What may be longer than its panel: scrolled with the keyboard too. */
export function ScrollRegion({ label, children }: { label: string; children: ReactNode }) {
  return (
    <Box className={classes.scroll} tabIndex={0} role="group" aria-label={label}>
      {children}
    </Box>
  );
}
