// Hours by days: into which cell a time falls, in the browser's zone.
export interface Cell {
  /** The first moment of the day. */
  day_ms: number;
  hour: number;
  value: number;
}

export function cellsOf(buckets: { time_ms: number; value: number | null }[]): Cell[] {
  return buckets.flatMap(({ time_ms, value }) => {
    if (value === null) return [];
    const time = new Date(time_ms);
    const day_ms = new Date(time.getFullYear(), time.getMonth(), time.getDate()).getTime();
    return [{ day_ms, hour: time.getHours(), value }];
  });
}

/** Each day from the first to the last, also those without a reading; days of 23 and 25 hours are days. */
export function daysBetween(first_ms: number, last_ms: number): number[] {
  const days: number[] = [];
  for (const day = new Date(first_ms); day.getTime() <= last_ms; day.setDate(day.getDate() + 1))
    days.push(day.getTime());
  return days;
}
