import { describe, expect, it } from 'vitest';
import { firstPort, isPort } from './ports';

describe('ports', () => {
  it('are the first of those that are set', () => {
    expect(firstPort('8083,8084')).toBe(8083);
    expect(firstPort('1883')).toBe(1883);
    expect(firstPort('0')).toBeUndefined();
    expect(firstPort('off')).toBeUndefined();
    expect(firstPort('')).toBeUndefined();
  });

  it('are numbers from 1 to 65535', () => {
    expect([1, 65_535].every(isPort)).toBe(true);
    expect([0, 65_536, 1.5, NaN].some(isPort)).toBe(false);
  });
});
