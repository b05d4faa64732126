import { describe, expect, it } from 'vitest';
import {
  formatAgo,
  formatBytes,
  formatDuration,
  formatNumber,
  formatUtc,
  formatValue,
  parseNanoseconds,
} from './format';

describe('times', () => {
  it('keeps nanoseconds', () => {
    expect(parseNanoseconds('2018-05-19T08:19:27.123456789Z')).toBe(1526717967123456789n);
    expect(parseNanoseconds('2018-05-19T08:19:27Z')).toBe(1526717967000000000n);
    expect(parseNanoseconds('1969-12-31T23:59:59.5Z')).toBe(-500000000n);
  });

  it('says how long ago in the largest unit that fits', () => {
    const now = 1_000_000_000_000;
    expect(formatAgo(now - 59_000, now, 'en')).toBe('59 seconds ago');
    expect(formatAgo(now - 60_000, now, 'en')).toBe('1 minute ago');
    expect(formatAgo(now + 7_200_000, now, 'en')).toBe('in 2 hours');
    expect(formatAgo(now - 86_400_000, now, 'de')).toBe('gestern');
  });

  it('writes UTC with milliseconds', () => {
    expect(formatUtc(1526717967001)).toBe('2018-05-19 08:19:27.001 UTC');
  });
});

describe('numbers', () => {
  it('has separators of the language, and exponents only where digits would not fit', () => {
    expect(formatNumber(1234.5, 'en')).toBe('1,234.5');
    expect(formatNumber(1234.5, 'de')).toBe('1.234,5');
    expect(formatNumber(1e-9, 'en')).toBe('1E-9');
    expect(formatNumber(0, 'en')).toBe('0');
    expect(formatNumber(-0.000001, 'en')).toBe('-0.000001');
  });

  it('counts bytes in thousands', () => {
    expect(formatBytes(999, 'en')).toBe('999 byte');
    expect(formatBytes(1000, 'en')).toBe('1 kB');
    expect(formatBytes(1_440_000_000, 'en')).toBe('1.44 GB');
  });

  it('writes durations as the API takes them', () => {
    expect(formatDuration(90)).toBe('90s');
    expect(formatDuration(86_400)).toBe('1d');
    expect(formatDuration(1_209_600)).toBe('2w');
    expect(formatDuration(0)).toBe('0s');
  });

  it('shows values of all kinds', () => {
    expect(formatValue(21.5, '°C', 'en')).toBe('21.5 °C');
    expect(formatValue(null, '°C', 'en')).toBe('–');
    expect(formatValue({ lat: 1, lon: 2 }, '', 'en')).toBe('{"lat":1,"lon":2}');
    expect(formatValue(false, '', 'en')).toBe('false');
  });
});
