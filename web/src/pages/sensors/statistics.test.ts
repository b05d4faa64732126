import { describe, expect, it } from 'vitest';
import { gapsOf } from './statistics';

const answer = (times: number[]) => ({
  took: 0,
  hits: { hits: [] },
  aggregations: { times: { buckets: times.map((key) => ({ key })) } },
});

describe('gaps', () => {
  it('are the longest times in which nothing came, the longest first', () => {
    expect(gapsOf(answer([0, 10, 20, 100, 110, 120, 500, 510]), 10)).toEqual([
      { from_ms: 130, to_ms: 500 },
      { from_ms: 30, to_ms: 100 },
    ]);
  });

  it('are none where readings come as usual, or none have come', () => {
    expect(gapsOf(answer([0, 10, 20, 40, 50]), 10)).toEqual([]);
    expect(gapsOf(answer([]), 10)).toEqual([]);
    expect(gapsOf(answer([5]), 10)).toEqual([]);
  });
});
