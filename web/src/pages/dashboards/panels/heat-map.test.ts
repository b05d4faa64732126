import { describe, expect, it } from 'vitest';
import { cellsOf, daysBetween } from './heat-map';

describe('heat map', () => {
  it('puts each hour to its day', () => {
    const noon = new Date(2026, 2, 5, 12).getTime();
    expect(
      cellsOf([
        { time_ms: noon, value: 7 },
        { time_ms: noon + 3_600_000, value: null },
      ]),
    ).toEqual([{ day_ms: new Date(2026, 2, 5).getTime(), hour: 12, value: 7 }]);
  });

  it('has every day, over changes of the clock too', () => {
    const days = daysBetween(new Date(2026, 2, 1).getTime(), new Date(2026, 3, 1).getTime());
    expect(days).toHaveLength(32);
    expect(new Set(days.map((day) => new Date(day).getHours()))).toEqual(new Set([0]));
  });
});
