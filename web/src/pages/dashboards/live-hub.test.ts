import { describe, expect, it } from 'vitest';
import type { LiveReading } from '@/api/live';
import { LiveHub } from './live-hub';

const reading = (device_id: string, sensor_id: string, value: number): LiveReading => ({
  timestamp: '2018-05-19T08:19:27.000000000Z',
  device_id,
  sensor_id,
  value,
});

function made() {
  const asked: string[][] = [];
  return { hub: new LiveHub((sensors) => asked.push(sensors)), asked };
}

describe('LiveHub', () => {
  it('asks once for the sensors of all panels', async () => {
    const { hub, asked } = made();
    hub.listen(['1_5', '1_3'], () => undefined);
    const end = hub.listen(['2_9', '1_3'], () => undefined);
    await Promise.resolve();
    expect(asked).toEqual([['3', '5', '9']]);
    end();
    await Promise.resolve();
    expect(asked).toEqual([
      ['3', '5', '9'],
      ['3', '5'],
    ]);
  });

  it('tells each panel what it shows', () => {
    const { hub } = made();
    const told: Record<string, number[][]> = { a: [], b: [] };
    hub.listen(['1_3', '1_5'], (readings) => told.a?.push(readings.map(({ value }) => Number(value))));
    const end = hub.listen(['1_5'], (readings) => told.b?.push(readings.map(({ value }) => Number(value))));
    hub.tell([reading('1', '3', 1), reading('1', '5', 2), reading('2', '5', 3), reading('1', '5', 4)]);
    end();
    hub.tell([reading('1', '5', 5)]);
    expect(told).toEqual({ a: [[1, 2, 4], [5]], b: [[2, 4]] });
  });
});
