import { describe, expect, it } from 'vitest';
import { panned, zoomed } from './range';

describe('range', () => {
  const range = { from_ms: 1_000, to_ms: 2_000 };

  it('is moved by a part of its length, and not before 1970', () => {
    expect(panned(range, 0.5)).toEqual({ from_ms: 1_500, to_ms: 2_500 });
    expect(panned(range, -0.5)).toEqual({ from_ms: 500, to_ms: 1_500 });
    expect(panned(range, -3)).toEqual({ from_ms: 0, to_ms: 1_000 });
  });

  it('is zoomed about a place', () => {
    expect(zoomed(range, 0.5, 0.5)).toEqual({ from_ms: 1_250, to_ms: 1_750 });
    expect(zoomed(range, 2, 1)).toEqual({ from_ms: 0, to_ms: 2_000 });
    expect(zoomed(range, 0.5, 0)).toEqual({ from_ms: 1_000, to_ms: 1_500 });
  });

  it('keeps a length that can be shown', () => {
    expect(zoomed({ from_ms: 0, to_ms: 20 }, 0.1, 0.5)).toEqual({ from_ms: 5, to_ms: 15 });
    const { from_ms, to_ms } = zoomed({ from_ms: 0, to_ms: 1e12 }, 1e6, 0.5);
    expect(to_ms - from_ms).toBeCloseTo(50 * 365.25 * 86_400_000);
    expect(from_ms).toBe(0);
  });
});
