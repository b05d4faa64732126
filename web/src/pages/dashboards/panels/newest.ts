import type { Bounds } from '../range';
import { inBounds } from './readings';

/** The newest readings within the range. */
export const newestBody = (bounds: Bounds, size: number) => ({
  size,
  sort: [{ timestamp: 'desc' }],
  track_total_hits: false,
  query: inBounds(bounds),
});
