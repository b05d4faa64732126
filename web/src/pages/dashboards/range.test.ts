import { describe, expect, it } from 'vitest';
import { boundsOf, durationMs, liveBoundsOf, ofLocalInput, rangeOf, rangeOfBounds, toLocalInput } from './range';

describe('range', () => {
  it('reads durations', () => {
    expect(durationMs('5m')).toBe(300_000);
    expect(durationMs('1y')).toBe(365 * 86_400_000);
    for (const text of ['', '5', 'm', '0h', '-1h', '1.5h', '5 m', '123456d']) expect(durationMs(text)).toBeUndefined();
  });

  it('is what the address says, or nothing', () => {
    const from = '2026-01-01T00:00:00.000Z';
    const to = '2026-01-02T00:00:00.000Z';
    expect(rangeOf('6h', undefined, undefined)).toEqual({ last: '6h' });
    expect(rangeOf(undefined, from, to)).toEqual({ from, to });
    expect(rangeOf(undefined, to, from)).toBeUndefined();
    expect(rangeOf('soon', 1, 'x')).toBeUndefined();
    expect(rangeOf(undefined, 'x', to)).toBeUndefined();
  });

  it('has bounds, and is had from them', () => {
    expect(boundsOf({ last: '1h' }, 7_200_000)).toEqual({ from_ms: 3_600_000, to_ms: 7_200_000 });
    const bounds = { from_ms: 1_700_000_000_000, to_ms: 1_700_000_060_000 };
    expect(boundsOf(rangeOfBounds(bounds), 0)).toEqual(bounds);
  });

  it('is asked around what is shown live, and seldom anew', () => {
    const shown = { from_ms: 1_700_000_000_001, to_ms: 1_700_000_060_001 };
    const asked = liveBoundsOf(shown);
    expect(asked.from_ms).toBeLessThanOrEqual(shown.from_ms);
    expect(asked.to_ms).toBeGreaterThanOrEqual(shown.to_ms);
    expect(liveBoundsOf({ from_ms: shown.from_ms + 4_000, to_ms: shown.to_ms + 4_000 })).toEqual(asked);
  });

  it('goes through a field of the browser', () => {
    expect(ofLocalInput(toLocalInput(1_700_000_000_000))).toBe(1_700_000_000_000);
    expect(ofLocalInput('')).toBeUndefined();
  });
});
