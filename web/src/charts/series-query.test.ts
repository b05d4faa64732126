import { describe, expect, it } from 'vitest';
import type { SearchAnswer } from '@/api/elasticsearch';
import { intervalOf, seriesBody, seriesPoints, usualDistance } from './series-query';

const day = 86_400_000;
const answer = (buckets: [number, number][]): SearchAnswer => ({
  took: 1,
  hits: { hits: [] },
  aggregations: {
    series: {
      buckets: buckets.map(([key, value]) => ({
        key,
        doc_count: 1,
        min: { value: value - 1 },
        max: { value: value + 1 },
        mean: { value },
      })),
    },
  },
});

describe('interval', () => {
  it('has no more intervals than every second pixel', () => {
    expect(intervalOf({ from_ms: 0, to_ms: day }, 1000)).toBe(300_000);
    expect(intervalOf({ from_ms: 0, to_ms: 10 }, 1000)).toBe(1);
    expect(intervalOf({ from_ms: 0, to_ms: 1000 * day }, 1000)).toBe(2 * day);
    expect(intervalOf({ from_ms: 0, to_ms: 86_400 * day }, 1)).toBe(86_400 * day);
  });

  it('is in the request with whole milliseconds', () => {
    const body = JSON.stringify(seriesBody({ from_ms: 0.5, to_ms: 1000.5 }, 100));
    expect(body).toContain('"fixed_interval":"20ms"');
    expect(body).toContain('"gte":0,"lt":1001');
  });
});

describe('points', () => {
  const range = { from_ms: 0, to_ms: 1_000 };

  it('stand in the middle of their intervals', () => {
    const points = seriesPoints(answer([[0, 5]]), range, 200);
    expect(points).toEqual({ time_ms: [5], mean: [5], min: [4], max: [6] });
  });

  it('break where nothing came for long', () => {
    const points = seriesPoints(
      answer([
        [0, 1],
        [10, 2],
        [20, 3],
        [500, 4],
        [510, 5],
      ]),
      range,
      200,
    );
    expect(points.mean).toEqual([1, 2, 3, null, 4, 5]);
    expect(points.time_ms).toEqual([5, 15, 25, 265, 505, 515]);
  });

  it('are none where there is no answer of that form', () => {
    expect(seriesPoints({ took: 0, hits: { hits: [] } }, range, 100).time_ms).toEqual([]);
  });

  it('know their usual distance', () => {
    expect(usualDistance([0, 10, 20, 1000])).toBe(10);
    expect(usualDistance([5])).toBe(Infinity);
  });
});
