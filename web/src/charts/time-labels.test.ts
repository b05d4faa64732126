import { describe, expect, it } from 'vitest';
import { timeLabels } from './time-labels';

const at = (text: string) => new Date(text).getTime();

describe('labels of a time axis', () => {
  it('name the day where another one begins', () => {
    const labels = timeLabels(
      [at('2026-03-01T22:00'), at('2026-03-01T23:00'), at('2026-03-02T00:00')],
      3_600_000,
      'de',
    );
    expect(labels).toEqual(['22:00\n1. März 2026', '23:00', '00:00\n2. März 2026']);
  });

  it('are as fine as their distance', () => {
    expect(timeLabels([at('2026-03-01T22:00:05')], 5_000, 'de')[0]).toMatch(/^22:00:05\n/);
    expect(timeLabels([at('2026-03-01T22:00:05.250')], 250, 'de')[0]).toMatch(/^22:00:05,250\n/);
    expect(timeLabels([at('2026-03-01'), at('2026-03-08')], 7 * 86_400_000, 'de')).toEqual([
      '1. März\n2026',
      '8. März',
    ]);
    expect(timeLabels([at('2026-12-01'), at('2027-01-01')], 31 * 86_400_000, 'de')).toEqual(['Dez\n2026', 'Jan\n2027']);
  });
});
