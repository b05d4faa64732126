import { describe, expect, it } from 'vitest';
import { strengthOf } from './strength';

describe('strength of a password', () => {
  it('begins with what the platform takes, in bytes', () => {
    expect(strengthOf('')).toEqual({ level: 'none' });
    expect(strengthOf('1234567')).toEqual({ level: 'tooShort', missing: 1 });
    expect(strengthOf('äöüß').level).toBe('weak');
    expect(strengthOf('ab'.repeat(512)).level).toBe('weak');
    expect(strengthOf('ab'.repeat(513))).toEqual({ level: 'tooLong' });
  });

  it('is length and variety', () => {
    expect(strengthOf('aaaaaaaaaaaaaaaaaaaa').level).toBe('weak');
    expect(strengthOf('correct hors').level).toBe('fair');
    expect(strengthOf('correct horse battery').level).toBe('strong');
  });
});
