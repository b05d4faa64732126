import { describe, expect, it } from 'vitest';
import { withNext, type Histogram, type Operations } from '@/api/operations';
import { difference, quantile, rateOf, rates, span } from './rates';

/** What the functions read of a poll. */
const poll = (seconds: number, acknowledged: number): Operations =>
  ({
    time: new Date(1_000_000 + seconds * 1000).toISOString(),
    uptime_s: seconds,
    readings: { acknowledged, refused: 0, failed: 0, stored: 0 },
  }) as Operations;
const counter = (each: Operations) => each.readings.acknowledged;

describe('rates', () => {
  it('are differences by the time between', () => {
    const polls = [poll(0, 100), poll(2, 300), poll(6, 300)];
    expect(rates(polls, counter)).toEqual({ time_ms: [1_002_000, 1_006_000], mean: [100, 0] });
    expect(rates([poll(0, 1)], counter).mean).toEqual([]);
  });

  it('of the last minute, or of what there is', () => {
    const polls = [poll(0, 0), poll(30, 30), poll(70, 70), poll(95, 170)];
    const minute = span(polls, 60_000);
    expect(minute && [minute.from.uptime_s, minute.to.uptime_s]).toEqual([30, 95]);
    expect(span(polls.slice(2), 60_000)?.from.uptime_s).toBe(70);
    expect(span([poll(0, 0)], 60_000)).toBeUndefined();
    expect(minute && rateOf(minute, counter)).toBeCloseTo(140 / 65);
  });

  it('begin anew with the platform', () => {
    expect(withNext([poll(10, 5)], poll(12, 7))).toHaveLength(2);
    expect(withNext([poll(10, 5), poll(12, 7)], poll(1, 0))).toHaveLength(1);
  });
});

describe('quantiles', () => {
  const histogram = (...counts: number[]): Histogram => ({
    count: counts.at(-1) ?? 0,
    sum_s: 0,
    buckets: [0.001, 0.01, 0.1].map((up_to_s, at) => ({ up_to_s, count: counts[at] ?? 0 })),
  });

  it('lie between the bounds', () => {
    expect(quantile(histogram(0, 100, 100, 100), 0.5)?.seconds).toBeCloseTo(0.0055);
    expect(quantile(histogram(50, 99, 100, 100), 0.99)?.seconds).toBeCloseTo(0.01);
    expect(quantile(histogram(10, 10, 10, 10), 0.5)?.seconds).toBeCloseTo(0.0005);
  });

  it('say where it took longer than the last bound', () => {
    expect(quantile(histogram(0, 0, 10, 100), 0.99)).toEqual({ seconds: 0.1, isMore: true });
    expect(quantile(histogram(0, 0, 0, 0), 0.5)).toBeUndefined();
  });

  it('of what came between two polls', () => {
    const newer = difference(histogram(90, 100, 100, 100), histogram(90, 100, 110, 110));
    expect(newer.count).toBe(10);
    expect(quantile(newer, 0.5)?.seconds).toBeCloseTo(0.055);
  });
});
