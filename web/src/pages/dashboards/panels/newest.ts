import { useLiveReadings } from '../live-readings';
import type { Bounds } from '../range';
import { answeredOf, inBounds, readingsOf, type Reading, type SensorAnswer } from './readings';

/** The newest readings within the range. */
export const newestBody = (bounds: Bounds, size: number) => ({
  size,
  sort: [{ timestamp: 'desc' }],
  track_total_hits: false,
  query: inBounds(bounds),
});

export type Newest = Omit<SensorAnswer, 'answer'> & { reading: Reading | undefined };

const shown_every_ms = 500;

/** The newest reading of each: of those that were asked for and of those that have come since. */
export function useNewest(answers: SensorAnswer[] | undefined): Newest[] {
  const come = useLiveReadings({
    indices: answeredOf(answers),
    kept_max: 1,
    every_ms: shown_every_ms,
    always: false,
  });
  return (answers ?? []).map(({ sensor, answer, error }) => {
    const [asked] = readingsOf(answer);
    const last = come?.readings.get(sensor.index)?.at(-1);
    const isNewer = last && (!asked || last.timestamp >= asked.timestamp);
    return { sensor, error, reading: isNewer ? last : asked };
  });
}
