import { describe, expect, it } from 'vitest';
import { fits, substitute } from '../variables';
import { levelOf } from './levels';
import { positionOf } from './positions';
import { scale, ticks } from './scale';

describe('levels', () => {
  it('count upwards, or downwards where the alarm is the smaller one', () => {
    expect([9, 10, 20].map((value) => levelOf(value, 10, 20))).toEqual(['normal', 'warn', 'alarm']);
    expect([9, 5, 2].map((value) => levelOf(value, 5, 2))).toEqual(['normal', 'warn', 'alarm']);
    expect(levelOf(7, null, 7)).toBe('alarm');
    expect(levelOf(7, 7, null)).toBe('warn');
    expect(levelOf(7, null, null)).toBe('normal');
  });
});

describe('scale', () => {
  it('has round ticks around all values', () => {
    expect(ticks(0, 100, 5)).toEqual([0, 20, 40, 60, 80, 100]);
    expect(ticks(0.11, 0.29, 2)).toEqual([0.1, 0.2, 0.3]);
    expect(ticks(-3, 8, 3)).toEqual([-5, 0, 5, 10]);
    expect(ticks(5, 5, 2)[0]).toBeLessThan(5);
    expect(ticks(0, 0, 2).at(-1)).toBeGreaterThan(0);
  });

  it('goes from values to places', () => {
    expect(scale(5, 0, 10, 100, 0)).toBe(50);
    expect(scale(1, 1, 1, 0, 10)).toBe(5);
  });
});

describe('positions', () => {
  it('are read in all three forms', () => {
    const munich = { lat: 48.1, lon: 11.6 };
    expect(positionOf({ lat: 48.1, lon: 11.6 })).toEqual(munich);
    expect(positionOf([11.6, 48.1])).toEqual(munich);
    expect(positionOf('48.1, 11.6')).toEqual(munich);
    for (const none of [null, 7, '48.1', 'a,b', ',', [], {}, { lat: 91, lon: 0 }])
      expect(positionOf(none)).toBeUndefined();
  });
});

describe('paths of variables', () => {
  it('fit by parts', () => {
    expect(fits('Engine/*', 'Engine/temperature')).toBe(true);
    expect(fits('Engine/*', 'Engine/Front/temperature')).toBe(false);
    expect(fits('Engine/**', 'Engine/Front/temperature')).toBe(true);
    expect(fits('**/temp.1', 'Engine/tempx1')).toBe(false);
    expect(fits('a(b', 'a(b')).toBe(true);
  });

  it('have the values of variables', () => {
    expect(substitute('$part/*/$other', { part: 'Engine' })).toBe('Engine/*/$other');
  });
});
