import { describe, expect, it } from 'vitest';
import { withLive } from './live-points';

const asked = { time_ms: [500, 1_500], mean: [1, 2], min: [1, 2], max: [1, 2] };

describe('withLive', () => {
  it('adds a point for each further interval', () => {
    const readings = [
      { time_ms: 1_900, value: 100 },
      { time_ms: 2_000, value: 3 },
      { time_ms: 2_999, value: 6 },
      { time_ms: 4_100, value: -1 },
    ];
    expect(withLive(asked, readings, 1_000)).toEqual({
      time_ms: [500, 1_500, 2_500, 4_500],
      mean: [1, 2, 4.5, -1],
      min: [1, 2, 3, -1],
      max: [1, 2, 6, -1],
    });
  });

  it('leaves what was asked for as it is', () => {
    expect(withLive(asked, [{ time_ms: 1_999, value: 7 }], 1_000)).toBe(asked);
    expect(asked.time_ms).toEqual([500, 1_500]);
  });

  it('begins where there was nothing', () => {
    const empty = { time_ms: [], mean: [], min: [], max: [] };
    expect(withLive(empty, [{ time_ms: 12, value: 7 }], 10)).toEqual({ time_ms: [15], mean: [7], min: [7], max: [7] });
  });
});
