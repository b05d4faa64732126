import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { onTick } from './ticks';

describe('onTick', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('goes off together, whenever one began', () => {
    const called: string[] = [];
    const endFirst = onTick(100, () => called.push(`first ${Date.now() % 100}`));
    vi.advanceTimersByTime(30);
    const endSecond = onTick(100, () => called.push(`second ${Date.now() % 100}`));
    vi.advanceTimersByTime(80);
    expect(new Set(called.map((each) => each.split(' ')[1])).size).toBe(1);
    expect(called.map((each) => each.split(' ')[0])).toEqual(['first', 'second']);
    endFirst();
    vi.advanceTimersByTime(100);
    expect(called).toHaveLength(3);
    endSecond();
    expect(vi.getTimerCount()).toBe(0);
  });

  it('has periods of their own, and one function may listen twice', () => {
    let count = 0;
    const listener = () => void ++count;
    const ends = [onTick(100, listener), onTick(100, listener), onTick(250, listener)];
    vi.advanceTimersByTime(250);
    expect(count).toBe(5);
    ends[0]?.();
    ends[0]?.();
    vi.advanceTimersByTime(100);
    expect(count).toBe(6);
    for (const end of ends) end();
    expect(vi.getTimerCount()).toBe(0);
  });
});
