import { describe, expect, it } from 'vitest';
import type { AuditEntry } from '@/api/audit';
import { detailsOf, holds } from './details';

describe('details of an audit entry', () => {
  it('tell what was and what is', () => {
    expect(detailsOf({ name: { old: 'pump', new: 'Pump 7' }, sensors: 3, first: '245', password: 'changed' })).toEqual([
      { name: 'name', before: 'pump', value: 'Pump 7' },
      { name: 'sensors', value: '3' },
      { name: 'first', value: '245' },
      { name: 'password', value: 'changed' },
    ]);
    expect(detailsOf({})).toEqual([]);
  });

  it('are searched with the rest of the entry', () => {
    const entry: AuditEntry = {
      id: '7',
      time: '2026-01-01T00:00:00Z',
      user_id: '-1',
      address: '10.0.0.1',
      action: 'device.update',
      subject: 'device/3',
      details: { name: { old: 'pump', new: 'Pump 7' } },
    };
    expect(holds(entry, 'Eva', ' ')).toBe(true);
    expect(holds(entry, 'Eva', 'eva')).toBe(true);
    expect(holds(entry, 'Eva', 'PUMP')).toBe(true);
    expect(holds(entry, 'Eva', 'DEVICE/3')).toBe(true);
    expect(holds(entry, 'Eva', 'valve')).toBe(false);
  });
});
